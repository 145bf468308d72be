/** The tab bar: staff find their tasks where residents find their reports; elder mode does without. */
const core = require('./core');
const { shown } = require('./route');

const quiet = { fail: () => {} };

const TABS = ['pages/home/home', 'pages/mine/mine', 'pages/me/me'];

/** Draws the bar anew; elsewhere than on a tab page there is none to change. */
function drawTabs() {
  if (TABS.indexOf(shown()) < 0) return;
  if (core.elder.on()) {
    wx.hideTabBar(quiet);
    return;
  }
  wx.showTabBar(quiet);
  wx.setTabBarItem({ index: 1, text: core.session.isStaff() ? '任务' : '我的上报', ...quiet });
  const waiting = core.outbox.open().length;
  if (waiting) wx.setTabBarBadge({ index: 1, text: String(waiting), ...quiet });
  else wx.removeTabBarBadge({ index: 1, ...quiet });
  if (core.notices.unread()) wx.showTabBarRedDot({ index: 2, ...quiet });
  else wx.hideTabBarRedDot({ index: 2, ...quiet });
}

module.exports = { drawTabs };
