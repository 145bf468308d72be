const core = require('../../lib/core');
const reports = require('../../lib/reports');
const { byCode, search, picture, soundsDangerous } = require('../../lib/catalogue');
const { similar } = require('../../lib/located');
const { LIMITS } = require('../../lib/config');
const words = require('../../lib/words');
const { takeUp, save, dropEmpty, place, photos, answers, choose, refusedPhotos, sayFault } = require('../../lib/drafting');
const { page, toast, confirm } = require('../../lib/page');
const { asProblem } = require('../../lib/problem');

const GUESSES = 3;
/** Whom anybody in danger may call at once; an emergency's own list stands above it. */
const DANGER = ['119 火警、救援', '110 报警', '120 急救', '燃气公司抢修'];

page({
  save,
  place,
  photos,
  answers,
  choose,
  onShow: takeUp,
  onUnload: dropEmpty,
  data: {
    name: 'report',
    nearby: /** @type {any[]} */ ([]),
    draft: /** @type {any} */ ({ photos: [] }),
    category: /** @type {any} */ (null),
    icon: '',
    limit: '',
    answers: /** @type {any} */ ({}),
    guesses: /** @type {any[]} */ ([]),
    placeName: '',
    /** until it is known whether there is a place already */
    placing: true,
    similar: /** @type {any[]} */ ([]),
    faults: /** @type {any} */ ({}),
    sheet: false,
    danger: false,
    alarm: false,
    dangerCalls: DANGER,
    restored: false,
    correcting: false,
    busy: false,
    more: false,
    most: LIMITS.words,
    mostPhotos: LIMITS.photos,
  },
  onLoad(query) {
    const name = draftOf(query);
    const restored = core.drafts.has(name);
    const draft = core.drafts.open(name);
    if (!query.item && core.outbox.get(draft.id)) {
      // It is on its way, from memory: there was no room to keep it. Its draft is the only copy.
      wx.redirectTo({ url: `/pages/report/receipt?id=${draft.id}` });
      return;
    }
    this.setData({ name, draft, restored });
    if (query.item) this.correct(query.item);
    if (query.join) this.save({ join: query.join, category: query.category });
    core.subscribe.prepare();
    core.catalogue.load().then(() => this.draw(), () => {});
    if (query.scene) this.scanned(decodeURIComponent(query.scene));
    else this.setData({ placing: false });
  },
  draw() {
    const catalogue = core.catalogue.kept();
    const { draft } = this.data;
    const category = catalogue ? byCode(catalogue, draft.category) : null;
    if (category && category.emergency && !(this.data.category || {}).emergency) wx.pageScrollTo({ scrollTop: 0, duration: 0 });
    const guesses = catalogue && !category ? search(catalogue, draft.words || '', GUESSES) : [];
    const alarm = soundsDangerous(draft.words || '') || guesses.some((one) => one.emergency);
    this.setData({
      category,
      answers: draft.attributes || {},
      icon: category ? picture(category.group, category.code) : '',
      limit: category ? words.limit(category.limit) : '',
      guesses,
      alarm,
      danger: this.data.danger || alarm,
      similar: similar(this.data.nearby, draft.category, core.phone.now()),
    });
  },
  /** Takes up a report that was refused, with what the server said. */
  correct(id) {
    const item = core.outbox.get(id);
    if (!item || core.outbox.holds(id)) return;
    const faults = reports.faultsOf(item.problem || {});
    this.save({ ...item.note.draft, id });
    this.setData({ restored: false, correcting: true, faults });
  },
  async scanned(code) {
    try {
      const found = await core.api.get(`/api/v1/places/${encodeURIComponent(code)}`);
      const { longitude, latitude } = found.location.gcj02;
      const place = { longitude, latitude, coord_type: 'gcj02' };
      this.save({ place, address: found.address, category: found.category || this.data.draft.category });
      this.draw();
    } catch (thrown) {
      toast(asProblem(thrown).message);
    }
    this.setData({ placing: false });
  },
  located(event) {
    const { name, nearby } = event.detail;
    this.setData({ placeName: name, nearby });
    this.draw();
  },
  typed(event) {
    this.save({ words: event.detail.value });
    this.setData({ 'faults.words': '' });
    this.draw();
  },
  phone(event) {
    this.save({ phone: event.detail.value });
    this.setData({ 'faults.phone': '' });
  },
  anonymous(event) {
    this.save({ anonymous: event.detail.value });
  },
  guess(event) {
    this.save({ category: event.currentTarget.dataset.code, unsure: false });
    this.setData({ 'faults.category': '', 'faults.words': '' });
    this.draw();
  },
  unsure() {
    this.save({ category: undefined, unsure: true, attributes: {} });
    this.setData({ 'faults.category': '' });
    this.draw();
  },
  showDanger() {
    this.setData({ danger: !this.data.danger });
  },
  toCalls() {
    wx.pageScrollTo({ scrollTop: 0, duration: 0 });
  },
  showMore() {
    this.setData({ more: !this.data.more });
  },
  async again() {
    if (!(await confirm('清空后不能恢复', '清空', '重新写一件？'))) return;
    core.drafts.drop(this.data.name);
    this.setData({ draft: core.drafts.open(this.data.name), restored: false, correcting: false, faults: {} });
    this.draw();
  },
  leaveJoin() {
    this.save({ join: undefined });
  },
  submit() {
    const { draft, category } = this.data;
    const faults = { ...reports.missing(draft, category, draft.photos), ...refusedPhotos(draft) };
    this.setData({ faults });
    if (Object.keys(faults).length) {
      sayFault(faults);
      return;
    }
    if (this.data.similar.length && !draft.join && !draft.apart) this.setData({ sheet: true });
    else this.send();
  },
  closeSheet() {
    this.setData({ sheet: false });
  },
  apart() {
    this.save({ apart: true });
    this.setData({ sheet: false });
    this.send();
  },
  join(event) {
    const found = this.data.similar.find((one) => one.number === event.detail.number);
    this.save({ join: event.detail.number, category: found ? found.category : undefined });
    this.draw();
    this.setData({ sheet: false });
    this.send();
  },
  /** In a tap: WeChat's question comes with it. The report is safe before it is answered. */
  async send() {
    if (this.data.busy) return;
    this.setData({ busy: true });
    const asking = core.subscribe.ask();
    const { draft, category, placeName } = this.data;
    core.outbox.add({
      id: draft.id,
      kind: 'report',
      lane: `new:${draft.id}`,
      path: '/api/v1/reports',
      body: reports.bodyOf(draft, category),
      photos: { photo_ids: draft.photos },
      title: (category && category.name) || '问题上报',
      note: { draft, place: draft.address || placeName, joined: !!draft.join },
    });
    core.outbox.flush();
    await asking;
    wx.redirectTo({ url: `/pages/report/receipt?id=${draft.id}` });
  },
});

/** What one writes from a refused report, a case or a code does not touch what is half written. */
function draftOf(query) {
  if (query.item) return `item:${query.item}`;
  if (query.join) return `join:${query.join}`;
  if (query.scene) return `scene:${query.scene}`;
  return 'report';
}
