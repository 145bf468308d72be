const core = require('../../lib/core');
const reports = require('../../lib/reports');
const words = require('../../lib/words');
const { page, failure, copy, toast, tell, confirm } = require('../../lib/page');
const { listen, unlisten } = require('../../lib/live');

const NAMES = { supplement: '补充', answer: '答复', urge: '催办', withdraw: '撤回', feedback: '评价', appeal: '申诉' };
const WRITING = {
  supplement: { title: '补充', hint: '补充的内容受理和承办人员都能看到。', action: '提交补充', wordsOptional: true, withPhotos: true },
  answer: { title: '请您补充', hint: '', action: '提交答复', wordsOptional: false, withPhotos: true },
  appeal: { title: '对不予立案提出申诉', hint: '请写明为什么应当受理，由督查人员重新看。', action: '提交申诉', wordsOptional: false, withPhotos: false },
};

/** One report: what became of it, and what one may still do. Calls go by the outbox. */
page({
  data: {
    id: '',
    report: /** @type {any} */ (null),
    state: 'loading',
    message: '',
    stale: '',
    can: /** @type {any} */ ({}),
    question: '',
    before: /** @type {string[]} */ ([]),
    after: /** @type {string[]} */ ([]),
    steps: /** @type {any[]} */ ([]),
    said: /** @type {any} */ ({}),
    rated: /** @type {any[]} */ ([]),
    marker: /** @type {any[]} */ ([]),
    writing: '',
    form: /** @type {any} */ (null),
    draft: /** @type {any} */ ({}),
    feedback: /** @type {any} */ ({}),
    lane: '',
    pending: false,
    busy: false,
  },
  onLoad(query) {
    const id = query.id || '';
    this.setData({ id, lane: `report:${id}`, feedback: core.drafts.has(`feedback:${id}`) ? core.drafts.open(`feedback:${id}`) : { photos: [] } });
    listen(this, core.outbox.onChange((item) => this.moved(item)), core.onNetwork(() => this.load()));
    core.subscribe.prepare();
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
    const { id } = this.data;
    try {
      const report = await core.api.get(`/api/v1/reports/${id}`);
      this.show(report, '');
      keep(id, report);
    } catch (thrown) {
      const { message, offline, missing } = failure(thrown);
      const kept = core.settings.get(`report:${id}`);
      if (offline && kept) this.show(kept, '没有网络，下面是上次看到的');
      else this.setData({ state: offline ? 'offline' : 'error', message: missing ? '没有这个上报，或不是您上报的' : message });
    }
  },
  show(report, stale) {
    const now = core.phone.now();
    const can = {};
    report.can.forEach((one) => {
      can[one] = true;
    });
    const asked = report.timeline.filter((one) => one.action === 'ask_reporter').pop();
    this.setData({
      report,
      stale,
      can,
      state: '',
      question: asked ? asked.text : '',
      ...reports.sides(report.photos),
      said: { ...reports.row(report, now), ...(can.answer ? { words: '受理人员等您补充' } : {}) },
      steps: report.timeline.map((one, at) => ({ at, text: one.text, when: words.when(one.at, now) })).reverse(),
      rated: report.feedback.map((one) => ({ round: one.round, text: `${one.solved ? '已解决' : '没解决'}，${one.rating} 分`, when: words.when(one.at, now) })),
      marker: [{ id: 1, ...report.location.gcj02, iconPath: report.status === 'closed' ? '/images/pin/closed.png' : '/images/pin/open.png', width: 30, height: 38 }],
      pending: this.waits(),
    });
  },
  waits() {
    return core.outbox.open().some((item) => item.lane === this.data.lane);
  },
  /** Something of this report was sent, or could not be. */
  moved(item) {
    if (item.lane !== this.data.lane) return;
    this.setData({ pending: this.waits() });
    if (item.note.bare && (item.state === 'refused' || item.state === 'attention') && core.outbox.get(item.id)) this.explain(item);
    if (item.state !== 'sent') return;
    if (item.answer && item.answer.timeline) this.show(item.answer, '');
    const told = item.answer && item.answer.notice;
    if (told) tell(told, '评价已收到');
    else toast(`${item.title}已送达`);
  },
  /** Nothing was entered that would be lost: why it was refused is all there is to tell. */
  async explain(item) {
    await tell(item.problem.message, `没有${item.title}`);
    core.outbox.discard(item.id);
    this.setData({ pending: this.waits() });
    this.load();
  },
  write(event) {
    const { what } = event.currentTarget.dataset;
    const name = `${what}:${this.data.id}`;
    const draft = core.drafts.has(name) ? core.drafts.open(name) : { photos: [] };
    const form = what === 'answer' ? { ...WRITING.answer, hint: this.data.question } : WRITING[what];
    this.setData({ writing: what, form, draft });
    wx.pageScrollTo({ scrollTop: 0, duration: 0 });
  },
  change(event) {
    this.keepDraft('draft', this.data.writing, event.detail);
  },
  changeFeedback(event) {
    this.keepDraft('feedback', 'feedback', event.detail);
  },
  keepDraft(field, what, given) {
    const name = `${what}:${this.data.id}`;
    const draft = { ...core.drafts.open(name), ...given };
    this.setData({ [field]: draft });
    try {
      core.drafts.save(name, draft);
    } catch (thrown) {
      toast(thrown.message);
    }
  },
  cancel() {
    this.setData({ writing: '' });
  },
  send(event) {
    const { words: text, photos } = event.detail;
    const what = this.data.writing;
    const body = what === 'appeal' ? { reason: text } : text ? { text } : {};
    this.queue(what, body, photos);
    this.setData({ writing: '' });
  },
  sendFeedback(event) {
    const { photos, comment, ...body } = event.detail;
    core.subscribe.ask();
    this.queue('feedback', comment ? { ...body, comment: comment.slice(0, 500) } : body, photos);
    this.setData({ feedback: { photos: [] } });
  },
  urge() {
    this.queue('urge', {}, []);
  },
  async withdraw() {
    if (await confirm('撤回后不能恢复。问题若已经在办，仍会继续办。', '撤回', '撤回这个上报？')) this.queue('withdraw', {}, []);
  },
  /** Into the outbox; the draft's id is the key. */
  queue(what, body, photos) {
    const { id, lane } = this.data;
    const name = `${what}:${id}`;
    const draft = core.drafts.has(name) ? core.drafts.open(name) : {};
    core.outbox.add({
      ...(draft.id ? { id: draft.id } : {}),
      kind: 'call',
      lane,
      path: `/api/v1/reports/${id}/${what}`,
      body,
      photos: photos.length ? { photo_ids: photos } : {},
      title: NAMES[what],
      note: { report: id, number: this.data.report.case_number, category: this.data.report.category_name, bare: what === 'urge' || what === 'withdraw' },
    });
    this.setData({ pending: true });
    core.outbox.flush();
  },
  copy() {
    copy(this.data.report.receipt);
  },
  openMap() {
    const { report } = this.data;
    wx.openLocation({ ...report.location.gcj02, name: report.category_name || '问题地点', address: report.address || '', fail: () => {} });
  },
});

function keep(id, report) {
  try {
    core.settings.put(`report:${id}`, report);
  } catch (_) {
    // Without room it is not there offline; nothing else is lost.
  }
}
