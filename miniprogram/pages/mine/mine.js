const core = require('../../lib/core');
const { drawTabs } = require('../../lib/tabs');
const { page, title } = require('../../lib/page');
const { listen, unlisten } = require('../../lib/live');

/** Residents see their reports here, staff their tasks. */
page({
  data: { staff: false, tick: 0, more: 0 },
  onLoad() {
    listen(this, core.session.onChange(() => this.draw()), core.outbox.onChange(drawTabs));
  },
  onUnload() {
    unlisten(this);
  },
  onShow() {
    this.draw();
  },
  draw() {
    const staff = core.session.isStaff();
    drawTabs();
    title(this, staff ? '任务' : '我的上报');
    this.setData({ staff, tick: this.data.tick + 1 });
  },
  onPullDownRefresh() {
    core.wake();
    this.setData({ tick: this.data.tick + 1 });
    wx.stopPullDownRefresh();
  },
  onReachBottom() {
    this.setData({ more: this.data.more + 1 });
  },
  home() {
    wx.switchTab({ url: '/pages/home/home' });
  },
});
