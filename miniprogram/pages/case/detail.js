const core = require('../../lib/core');
const staff = require('../../lib/staff');
const acting = require('../../lib/acting');
const camera = require('../../lib/camera');
const words = require('../../lib/words');
const { distance, metresInWords } = require('../../lib/place');
const { page, failure, copy, toast } = require('../../lib/page');
const { listen, unlisten } = require('../../lib/live');
const { go } = require('../../lib/route');

/** Shown as large buttons where the server offers them; the others stand under 更多. */
const LARGE = ['start', 'verify', 'control', 'resolve', 'pass', 'rework', 'answer_order'];
const LEAST_LARGE = 2;

/** One case: what it is, where, until when, and exactly what the server lets this person do. */
page({
  data: {
    number: '',
    lane: '',
    one: /** @type {any} */ (null),
    state: 'loading',
    message: '',
    stale: '',
    due: /** @type {any} */ ({}),
    received: /** @type {any[]} */ ([]),
    after: /** @type {string[]} */ ([]),
    claims: /** @type {any[]} */ ([]),
    steps: /** @type {any[]} */ ([]),
    marker: /** @type {any[]} */ ([]),
    where: '',
    away: '',
    large: /** @type {any[]} */ ([]),
    rest: /** @type {any[]} */ ([]),
    forward: false,
    halves: /** @type {any[]} */ ([]),
    more: false,
    pending: 0,
    asks: '',
  },
  onLoad(query) {
    const number = decodeURIComponent(query.number || '');
    this.setData({ number, lane: staff.laneOf(number) });
    listen(this, core.outbox.onChange((item) => this.moved(item)), core.onNetwork(() => this.load()));
    core.subscribe.prepare(true);
    const kept = staff.cases.kept(number);
    if (kept) this.show(kept, '');
  },
  onShow() {
    this.load();
  },
  onUnload() {
    unlisten(this);
  },
  onPullDownRefresh() {
    core.wake();
    this.load().then(() => wx.stopPullDownRefresh());
  },
  async load() {
    const { number } = this.data;
    try {
      this.show(await staff.cases.load(number), '');
    } catch (thrown) {
      const { message, offline, missing } = failure(thrown);
      const kept = staff.cases.kept(number);
      if (!missing && kept) this.show(kept, offline ? '没有网络，下面是上次看到的' : message);
      else this.setData({ one: null, state: offline ? 'offline' : 'error', message: missing ? '没有这个案卷，或已不归您办' : message });
    }
  },
  show(one, stale) {
    const now = core.phone.now();
    const large = one.actions.filter((action) => LARGE.indexOf(action.action) >= 0);
    const shown = large.length ? large : one.actions.slice(0, LEAST_LARGE);
    this.setData({
      one,
      stale,
      state: '',
      due: acting.limit(one, now),
      received: one.reports_received.map((report) => receivedOf(report, one, now)),
      after: one.timeline.reduce((found, event) => found.concat(event.photos.filter((photo) => photo.role !== 'report' && photo.role !== 'supplement').map((photo) => photo.id)), []),
      claims: acting.claims(one, now).map((step) => ({ ...step, photos: [] })),
      steps: one.timeline.map((event) => acting.step(event, now)).reverse(),
      marker: [{ id: 1, ...one.location.gcj02, iconPath: `/images/pin/${one.status === 'closed' ? 'closed' : 'open'}.png`, width: 30, height: 38 }],
      where: placeOf(one),
      large: shown,
      forward: large.length > 0,
      halves: one.actions.filter((action) => core.drafts.has(`act:${one.number}:${action.action}`)),
      rest: one.actions.filter((action) => shown.indexOf(action) < 0),
    });
    this.drawWaiting();
    this.measure(one);
  },
  drawWaiting() {
    const { lane } = this.data;
    const open = core.outbox.open();
    const { asking } = acting.before(open, lane);
    this.setData({ pending: open.filter((item) => item.lane === lane).length, asks: asking ? asking.id : '' });
  },
  /** How far it is, where the place may be read without asking. */
  async measure(one) {
    try {
      if (!(await camera.mayLocate())) return;
      this.setData({ away: metresInWords(distance(await camera.here(), one.location.gcj02)) });
    } catch (_) {
      this.setData({ away: '' });
    }
  },
  moved(item) {
    if (item.lane !== this.data.lane) return;
    this.drawWaiting();
    if (item.state !== 'sent') return;
    toast(`${item.title}，已送达`);
    if (item.answer && item.answer.timeline) this.show(item.answer, '');
    else this.load();
  },
  act(event) {
    const { action } = event.currentTarget.dataset;
    go(`/pages/case/act?number=${encodeURIComponent(this.data.number)}&action=${action}`);
  },
  correct() {
    go(`/pages/case/act?item=${this.data.asks}`);
  },
  showMore() {
    this.setData({ more: !this.data.more });
  },
  route() {
    const { one, where } = this.data;
    wx.openLocation({ ...one.location.gcj02, name: one.category_name || '问题地点', address: where, fail: () => {} });
  },
  copy() {
    copy(this.data.number);
  },
});

function receivedOf(report, one, now) {
  return {
    id: report.id,
    who: report.withdrawn_at ? `${report.reporter}（已撤回）` : report.reporter,
    when: words.when(report.submitted_at, now),
    text: report.description || one.paraphrase || '',
    attributes: report.attributes,
    photos: report.photos.map((photo) => photo.id),
    rated: report.feedback.map((said) => `${said.solved ? '说已解决' : '说没解决'}，${said.rating} 分`).join('；'),
  };
}

function placeOf(one) {
  const { community, grid } = one.areas;
  const address = one.reports_received.map((report) => report.address).filter(Boolean)[0];
  const area = grid || community;
  return [address, area && area.name].filter(Boolean).join(' · ');
}
