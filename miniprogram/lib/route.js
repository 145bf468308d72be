/**
 * Opening a page: once where a tap comes twice before the page is there, and in place of the one on
 * top where the stack is full (ten pages, then WeChat opens none).
 */
let opening = '';

/** @param {string} url of a page, from the root */
function go(url) {
  const route = url.slice(1).split('?')[0];
  const top = getCurrentPages().slice(-1)[0];
  if (route === opening || (top && top.route === route)) return;
  opening = route;
  const done = () => {
    opening = '';
  };
  wx.navigateTo({ url, success: done, fail: () => wx.redirectTo({ url, complete: done }) });
}

module.exports = { go };
