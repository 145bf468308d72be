const core = require('../../lib/core');
const staff = require('../../lib/staff');
const tasks = require('../../lib/tasks');
const { shownFigures, monthOf } = require('../../lib/figures');
const { asProblem } = require('../../lib/problem');
const { page, failure } = require('../../lib/page');

/** My open cases in numbers; with it this month's figures of the unit, for whom the server tells them. */
page({
  data: { mine: /** @type {any} */ (null), unit: /** @type {any[]} */ ([]), asOf: '', state: 'loading', message: '', stale: '' },
  onShow() {
    this.load();
  },
  onPullDownRefresh() {
    this.load().then(() => wx.stopPullDownRefresh());
  },
  async load() {
    try {
      this.show(await staff.cases.mine(), '');
    } catch (thrown) {
      const { message, offline } = failure(thrown);
      const kept = staff.cases.keptMine();
      if (kept) this.show(kept, offline ? '没有网络，下面是上次看到的' : message);
      else this.setData({ state: offline ? 'offline' : 'error', message });
      return;
    }
    await this.ofUnit();
  },
  show(items, stale) {
    const now = core.phone.now();
    const rows = tasks.rows(items, { kept: staff.cases.kept, here: null, waiting: staff.waiting, now });
    this.setData({ mine: tasks.figures(rows, now), state: '', stale });
  },
  /** Who may not see them is not told of them. */
  async ofUnit() {
    try {
      const answer = await core.api.get('/api/v1/audit/figures');
      this.setData({ unit: shownFigures(answer), asOf: monthOf(answer.period.name) });
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.status !== 403 && problem.status !== 404) this.setData({ stale: problem.message });
    }
  },
  tasks() {
    wx.switchTab({ url: '/pages/mine/mine' });
  },
});
