/**
 * Which page is shown, and opening one: once where a tap comes twice before the page is there, and in place of the one on
 * top where the stack is full (ten pages, then WeChat opens none).
 */
let opening = '';

/** The route of the page that is shown; '' before there is one. */
function shown() {
  const page = getCurrentPages().slice(-1)[0];
  return page ? page.route : '';
}

/** @param {string} url of a page, from the root */
function go(url) {
  const route = url.slice(1).split('?')[0];
  if (route === opening || route === shown()) return;
  opening = route;
  const done = () => {
    opening = '';
  };
  wx.navigateTo({ url, success: done, fail: () => wx.redirectTo({ url, complete: done }) });
}

module.exports = { go, shown };
