/** What every page does: takes on elder mode, and says what went wrong in one place. */
const core = require('./core');
const { asProblem } = require('./problem');
const { silence } = require('./live');
const { shown } = require('./route');

/** @param {string} number */
function call(number) {
  wx.makePhoneCall({ phoneNumber: number, fail: () => {} });
}

/** WeChat itself says that it is copied. @param {string} text */
function copy(text) {
  wx.setClipboardData({ data: text, fail: () => toast('没有复制成功') });
}

/** @param {string} title */
function toast(title) {
  wx.showToast({ title, icon: 'none', duration: 2500 });
}

/**
 * @param {string} content @param {string} [yes] at most four characters @param {string} [title]
 * @returns {Promise<boolean>}
 */
function confirm(content, yes = '确定', title = '') {
  return new Promise((resolve) => {
    wx.showModal({
      title,
      content,
      confirmText: yes,
      cancelText: '取消',
      success: (answer) => resolve(answer.confirm),
      fail: () => resolve(false),
    });
  });
}

/** Says something that is to be read; settles when it was. @param {string} content @param {string} title */
function tell(content, title) {
  return new Promise((resolve) => {
    wx.showModal({ title, content, showCancel: false, confirmText: '知道了', complete: resolve });
  });
}

/**
 * Like Page, with `theme` and `elder` in the data.
 * @type {WechatMiniprogram.Page.Constructor}
 */
const page = (/** @type {any} */ options) => {
  const { onShow, onUnload } = options;
  Page({
    ...options,
    data: { theme: '', elder: false, ...options.data },
    onShow() {
      const elder = core.elder.on();
      if (this.data.elder !== elder) this.setData({ elder, theme: core.elder.theme() });
      if (onShow) onShow.call(this);
    },
    onUnload() {
      if (onUnload) onUnload.call(this);
      silence(this);
    },
  });
};

/** Names a page while it is shown: the bar is that of whichever is. @param {any} own @param {string} words */
function title(own, words) {
  if (shown() === own.route) wx.setNavigationBarTitle({ title: words });
}

/** How a page that reads something fails: the words, and whether it is for lack of network. */
function failure(thrown) {
  const problem = asProblem(thrown);
  return { message: problem.message, offline: problem.status === 0, missing: problem.status === 404 };
}

module.exports = { page, title, call, copy, toast, tell, confirm, failure };
