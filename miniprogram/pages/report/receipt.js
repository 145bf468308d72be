const core = require('../../lib/core');
const { page, copy } = require('../../lib/page');
const { waitingRow } = require('../../lib/reports');
const { listen, unlisten } = require('../../lib/live');

/** What became of a report: its number and receipt, or that it waits here, or what to change. */
page({
  data: { id: '', state: '', row: /** @type {any} */ (null), answer: /** @type {any} */ (null), place: '', title: '', joined: false },
  onLoad(query) {
    this.setData({ id: query.id });
    listen(this, core.outbox.onChange(() => this.draw()));
    this.draw();
  },
  onUnload() {
    unlisten(this);
  },
  draw() {
    const item = core.outbox.get(this.data.id);
    if (!item) return;
    if (item.state === 'sent' && !item.seen) {
      core.outbox.markSeen(item.id);
      return;
    }
    this.setData({
      state: item.state,
      row: waitingRow(item, core.phone.now(), core.outbox.open()),
      answer: item.answer || null,
      place: item.note.place || '',
      title: item.title,
      joined: item.note.joined || false,
    });
  },
  detail() {
    wx.redirectTo({ url: `/pages/report/detail?id=${this.data.answer.id}` });
  },
  another() {
    wx.redirectTo({ url: '/pages/report/report' });
  },
  home() {
    wx.switchTab({ url: '/pages/home/home' });
  },
  change() {
    wx.redirectTo({ url: `/pages/report/report?item=${this.data.id}` });
  },
  look() {
    wx.redirectTo({ url: `/pages/report/waiting?id=${this.data.id}` });
  },
  retry() {
    core.outbox.retry(this.data.id);
  },
  copy() {
    copy(this.data.answer.receipt);
  },
});
