const core = require('../../lib/core');
const { page, confirm } = require('../../lib/page');
const { waitingRow } = require('../../lib/reports');
const { listen, unlisten } = require('../../lib/live');

/** One thing that waits on this phone: what was entered, why it waits, and what one may do. */
page({
  data: { id: '', row: /** @type {any} */ (null), item: /** @type {any} */ (null), photos: /** @type {any[]} */ ([]), accepted: '', words: '', maybe: false, may: /** @type {any} */ ({}) },
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
    if (!item) {
      this.setData({ item: null, row: null });
      return;
    }
    const ids = Object.keys(item.photos).reduce((all, field) => all.concat(item.photos[field]), /** @type {string[]} */ ([]));
    const problem = item.problem || {};
    const row = waitingRow(item, core.phone.now(), core.outbox.open());
    this.setData({
      item,
      row,
      photos: ids.map(core.photos.shown).filter(Boolean),
      accepted: (problem.more && problem.more.accepted) || '',
      words: item.body.description || item.body.text || item.body.comment || item.body.reason || '',
      maybe: !!item.asked,
      may: mayOf(item, problem.type, row.blocked),
    });
  },
  retry() {
    core.outbox.retry(this.data.id);
  },
  change() {
    wx.redirectTo({ url: `${this.data.item.note.page || '/pages/report/report'}?item=${this.data.id}` });
  },
  look() {
    const { item } = this.data;
    const { report = item.answer && item.answer.id, case: number } = item.note;
    if (number) wx.redirectTo({ url: `/pages/case/detail?number=${encodeURIComponent(number)}` });
    else if (report) wx.redirectTo({ url: `/pages/report/detail?id=${report}` });
    else wx.switchTab({ url: '/pages/mine/mine' });
  },
  async discard() {
    const warning = this.data.maybe ? '它可能已经送达，丢掉的只是手机上的这一份。' : '写的和拍的都会删掉，不能恢复。';
    if (!(await confirm(warning, '丢掉', '丢掉这一件？'))) return;
    if (core.outbox.discard(this.data.id)) wx.navigateBack();
  },
  back() {
    wx.navigateBack({ fail: () => wx.switchTab({ url: '/pages/home/home' }) });
  },
});

/**
 * What may be done: `retry` in the words of its button. What must be changed first, or has arrived
 * in another form, is not sent as it is; what another wrote cannot be looked at.
 * @param {any} item @param {string} type of its problem @param {boolean} blocked by one before it
 */
function mayOf({ kind, state, note, answer }, type, blocked) {
  const asks = state === 'refused' || state === 'attention';
  const other = type === 'other-account';
  const change = !other && (note.page ? asks : kind === 'report' && state === 'refused');
  const as = type === 'idempotency-conflict' || change || blocked ? '' : '就这样再发一次';
  return {
    other,
    change,
    look: state === 'sent' ? !!(note.report || note.case || (answer && answer.id)) : state === 'attention' && !other,
    retry: (other && '用现在的身份发出') || (state === 'waiting' && !blocked ? '现在发送' : as),
  };
}
