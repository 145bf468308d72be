const { page } = require('../../lib/page');

/** What staff reported as residents; residents have it in their tab. */
page({
  data: { tick: 0, more: 0 },
  onShow() {
    this.setData({ tick: this.data.tick + 1 });
  },
  onPullDownRefresh() {
    this.setData({ tick: this.data.tick + 1 });
    wx.stopPullDownRefresh();
  },
  onReachBottom() {
    this.setData({ more: this.data.more + 1 });
  },
});
