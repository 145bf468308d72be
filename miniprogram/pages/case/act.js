const core = require('../../lib/core');
const staff = require('../../lib/staff');
const acting = require('../../lib/acting');
const drafting = require('../../lib/drafting');
const { byCode } = require('../../lib/catalogue');
const { page, title, failure, toast, confirm } = require('../../lib/page');
const { listen, unlisten } = require('../../lib/live');

/**
 * One action on one case. What is entered is kept with every change; what is sent goes by the
 * outbox under the draft's id. A refusal stands here with what was entered; where the case changed
 * meanwhile, what changed stands above it, and the same can be sent for the case as it is now.
 */
page({
  data: {
    number: '',
    name: '',
    one: /** @type {any} */ (null),
    action: /** @type {any} */ (null),
    draft: /** @type {any} */ ({ photos: [] }),
    fields: /** @type {any[]} */ ([]),
    faults: /** @type {any} */ ({}),
    general: /** @type {string[]} */ ([]),
    headline: '',
    accepted: '',
    changed: /** @type {any} */ (null),
    gone: false,
    restored: false,
    sending: '',
    refused: false,
    kept: true,
    asks: '',
    claims: /** @type {any[]} */ ([]),
    hint: '',
    either: '',
    present: '',
    unlisted: false,
    state: 'loading',
    message: '',
  },
  onLoad(query) {
    const item = query.item ? core.outbox.get(query.item) : null;
    const number = item ? item.note.case : decodeURIComponent(query.number || '');
    const action = item ? item.note.action : query.action;
    const name = `act:${number}:${action}`;
    this.setData({ number, name });
    listen(this, core.outbox.onChange((one) => {
      if (one.id === this.data.draft.id) this.moved(one);
      else if (one.lane === staff.laneOf(number)) this.drawLane();
    }));
    core.subscribe.prepare(true);
    core.catalogue.load().then(() => this.draw(), () => {});
    this.open(action, item || openOf(number, action));
  },
  onUnload() {
    unlisten(this);
  },
  /** The page of categories writes to the draft. */
  onShow() {
    const { name, draft } = this.data;
    if (!name || !core.drafts.has(name)) return;
    const kept = core.drafts.open(name);
    if (!kept.category || kept.id !== draft.id) return;
    const { category } = kept;
    this.setData({ draft: { ...kept, category: undefined } });
    this.enter('category', category);
  },
  /** Begins, goes on with what is half filled, or takes up what could not be sent. */
  async open(name, item) {
    const { number } = this.data;
    const kept = staff.cases.kept(number);
    const half = core.drafts.has(this.data.name);
    if (item) this.setData({ draft: half && core.drafts.open(this.data.name).id === item.id ? core.drafts.open(this.data.name) : { ...item.note.draft, id: item.id }, action: item.note.form });
    else this.setData({ draft: core.drafts.open(this.data.name), restored: half });
    if (kept) this.shown(kept, name);
    if (item) this.moved(item);
    else this.drawLane();
    if (!item || item.state !== 'attention') await this.refresh(name);
  },
  async refresh(name) {
    const { number, draft, sending } = this.data;
    try {
      const one = await staff.cases.load(number);
      const { seen } = draft;
      const news = !sending && seen && seen.version !== one.version ? acting.changes(seen, one, core.phone.now()) : null;
      this.shown(one, name);
      if (news) this.setData({ changed: news });
      await this.name();
    } catch (thrown) {
      const { message, offline, missing } = failure(thrown);
      if (this.data.one && !missing) {
        this.setData({ unlisted: acting.asksChoices(this.data.action) });
        return;
      }
      this.setData({ state: offline ? 'offline' : 'error', message: missing ? '没有这个案卷，或已不归您办' : message });
    }
  },
  again() {
    this.refresh(this.data.name.split(':').pop());
  },
  /** Draws the case; the form is the one that the server offers for it now. */
  shown(one, name) {
    const offered = one.actions.find((found) => found.action === name);
    const action = offered || this.data.action;
    if (!action) {
      this.setData({ one, state: 'error', message: '现在不能这样办了，请回到案卷看看' });
      return;
    }
    title(this, action.label);
    const now = core.phone.now();
    this.setData({ one, action, gone: !offered, state: '', claims: acting.claims(one, now), either: acting.either(action), present: acting.present(one, action.action, now) });
    if (!this.data.draft.seen) this.setData({ 'draft.seen': acting.seen(one) });
    this.draw();
  },
  /** Units and people are named by the server when an action needs them. */
  async name() {
    const { action, number } = this.data;
    if (!action || !acting.asksChoices(action)) return;
    try {
      const { choices } = await core.api.get(`/api/v1/cases/${encodeURIComponent(number)}/choices`, { action: action.action });
      this.setData({ action: acting.withChoices(action, choices), unlisted: false });
    } catch (thrown) {
      this.setData({ unlisted: true });
      toast(failure(thrown).message);
    }
    this.draw();
  },
  draw() {
    const { one, action, draft, faults } = this.data;
    if (!action) return;
    const catalogue = core.catalogue.kept();
    const called = (code) => ((catalogue && byCode(catalogue, code)) || { name: code }).name;
    this.setData({ fields: acting.shape(action, draft, faults, called), hint: one ? acting.closeWhen(one, action.action, draft.values) : '' });
  },
  save(changes) {
    drafting.save.call(this, changes);
    this.draw();
  },
  keep() {
    this.save({});
  },
  change(event) {
    this.enter(event.detail.name, event.detail.value);
  },
  enter(name, value) {
    const { action, draft } = this.data;
    this.corrected(name);
    this.save({ ...draft, values: acting.entered(action, draft.values, name, value) });
  },
  photos(event) {
    this.corrected('photo_ids');
    this.save({ photos: event.detail.ids });
  },
  /** A refusal stands as long as something that it names is as it was. */
  corrected(name) {
    const { action, headline } = this.data;
    const faults = acting.faultsAfter(this.data.faults, action, name, !!headline);
    const general = acting.listed(faults);
    this.setData({ faults, general, headline: general.length ? headline : '' });
  },
  submit() {
    if (this.data.sending || this.data.asks) return;
    const { action, draft } = this.data;
    const faults = acting.missing(action, draft);
    this.setData({ faults, headline: '', general: [], accepted: '' });
    this.draw();
    const names = Object.keys(faults);
    if (names.length) {
      toast(faults[names[0]][0]);
      return;
    }
    core.subscribe.ask();
    this.send();
  },
  send() {
    const { action, draft, number, one } = this.data;
    const seen = acting.seen(one);
    this.setData({ changed: null, restored: false, 'draft.seen': seen });
    const item = core.outbox.add({
      id: draft.id,
      kind: 'action',
      lane: staff.laneOf(number),
      path: `/api/v1/cases/${encodeURIComponent(number)}/actions`,
      body: acting.bodyOf(action, draft, one.version),
      photos: acting.photosOf(action, draft),
      title: `${action.label}：${one.category_name || number}`,
      note: { page: '/pages/case/act', case: number, action: action.action, label: action.label, form: action, draft: { ...draft, seen } },
    });
    this.moved(item);
    core.outbox.flush();
  },
  /** What became of it. */
  moved(item) {
    if (item.state === 'sent') {
      staff.cases.keep(item.answer);
      wx.navigateBack({ fail: () => wx.switchTab({ url: '/pages/mine/mine' }) });
      return;
    }
    if (item.state === 'waiting' || item.state === 'sending') {
      const { asking, first } = acting.before(core.outbox.open(), item.lane, item);
      const unheard = item.state === 'waiting' && (first || item).problem;
      const sending = asking ? 'blocked' : unheard ? 'waiting' : 'sending';
      if (sending !== 'sending' && sending !== this.data.sending) wx.pageScrollTo({ scrollTop: 0, duration: 0 });
      this.setData({ sending, asks: asking ? asking.id : '', kept: item.kept, headline: '', refused: false });
      return;
    }
    const problem = item.problem || {};
    const faults = acting.faultsOf(problem, item.note.form);
    this.setData({ sending: '', asks: '', refused: true, faults, general: acting.listed(faults), headline: problem.type === 'invalid-input' ? '还差一点，请改一下' : problem.message || '没有发出', accepted: (problem.more && problem.more.accepted) || '' });
    this.draw();
    wx.pageScrollTo({ scrollTop: 0, duration: 0 });
    if (item.state === 'attention') this.refresh(item.note.action);
  },
  /** Whether an earlier step of the case is in the way. */
  drawLane() {
    const item = core.outbox.get(this.data.draft.id);
    if (item && item.state === 'waiting') this.moved(item);
    if (item) return;
    const { asking } = acting.before(core.outbox.open(), staff.laneOf(this.data.number));
    this.setData({ asks: asking ? asking.id : '' });
  },
  correct() {
    wx.redirectTo({ url: `/pages/case/act?item=${this.data.asks}` });
  },
  retry() {
    const item = core.outbox.get(this.data.draft.id);
    if (!item) return;
    const { first } = acting.before(core.outbox.open(), item.lane, item);
    core.outbox.retry((first || item).id);
  },
  async discard() {
    const { draft, name } = this.data;
    const { asked } = core.outbox.get(draft.id) || { asked: undefined };
    const warning = asked ? '它可能已经送达，丢掉的只是手机上的这一份。' : '填写的和拍的都会删掉，不能恢复。';
    if (!(await confirm(warning, '丢掉', '不办这一步了？'))) return;
    if (core.outbox.get(draft.id) && !core.outbox.discard(draft.id)) return;
    core.drafts.drop(name);
    this.back();
  },
  back() {
    wx.navigateBack({ fail: () => wx.switchTab({ url: '/pages/mine/mine' }) });
  },
});

/** What of this action could not be sent, or waits. */
function openOf(number, action) {
  return core.outbox.open().find((item) => item.lane === staff.laneOf(number) && item.note.action === action) || null;
}
