const core = require('../../lib/core');
const patrol = require('../../lib/patrol');
const { byCode } = require('../../lib/catalogue');
const { LIMITS } = require('../../lib/config');
const { takeUp, save, dropEmpty, place, photos, answers, choose, refusedPhotos, sayFault } = require('../../lib/drafting');
const { page, confirm } = require('../../lib/page');
const { listen, unlisten } = require('../../lib/live');

const NAME = 'patrol';

/** What a grid worker found on a round, and what was put right on the spot (自办). */
page({
  save,
  place,
  photos,
  answers,
  choose,
  onShow: takeUp,
  data: {
    name: NAME,
    draft: /** @type {any} */ ({ photos: [] }),
    category: /** @type {any} */ (null),
    answers: /** @type {any} */ ({}),
    placeName: '',
    /** until it is known whether there is a place already */
    placing: true,
    faults: /** @type {any} */ ({}),
    headline: '',
    accepted: '',
    restored: false,
    sending: '',
    kept: true,
    done: /** @type {any} */ (null),
    most: LIMITS.words,
    mostPhotos: LIMITS.photos,
  },
  onLoad(query) {
    const name = query.item ? `item:${query.item}` : NAME;
    const restored = core.drafts.has(name);
    this.setData({ name, draft: core.drafts.open(name), restored });
    listen(this, core.outbox.onChange((item) => {
      if (item.id === this.data.draft.id) this.moved(item);
    }));
    core.catalogue.load().then(() => this.draw(), () => {});
    const item = core.outbox.get(query.item || this.data.draft.id);
    if (item && !restored) this.setData({ draft: { ...item.note.draft, id: item.id } });
    if (item) this.moved(item);
    this.setData({ placing: false });
  },
  onUnload() {
    unlisten(this);
    dropEmpty.call(this);
  },
  draw() {
    const catalogue = core.catalogue.kept();
    const { draft } = this.data;
    this.setData({ category: catalogue ? byCode(catalogue, draft.category) : null, answers: draft.attributes || {} });
  },
  located(event) {
    this.setData({ placeName: event.detail.name });
  },
  after(event) {
    this.save({ after_photos: event.detail.ids });
    this.setData({ 'faults.after': '' });
  },
  words(event) {
    this.save({ words: event.detail.value });
    this.setData({ 'faults.words': '' });
  },
  comment(event) {
    this.save({ comment: event.detail.value });
    this.setData({ 'faults.comment': '' });
  },
  solved() {
    this.save({ solved: !this.data.draft.solved });
  },
  async again() {
    if (!(await confirm('清空后不能恢复', '清空', '重新写一件？'))) return;
    core.drafts.drop(this.data.name);
    this.setData({ draft: core.drafts.open(this.data.name), restored: false, faults: {}, headline: '' });
    this.draw();
  },
  submit() {
    const { draft, category, sending } = this.data;
    if (sending) return;
    const faults = { ...patrol.missing(draft, category), ...refusedPhotos(draft) };
    this.setData({ faults, headline: '', accepted: '' });
    if (Object.keys(faults).length) {
      sayFault(faults);
      return;
    }
    core.subscribe.ask();
    core.outbox.add({
      id: draft.id,
      kind: 'report',
      lane: `new:${draft.id}`,
      path: '/api/v1/reports',
      body: patrol.bodyOf(draft, category),
      photos: patrol.photosOf(draft),
      title: `${draft.solved ? '自办' : '巡查'}：${(category && category.name) || '问题'}`,
      note: { page: '/pages/patrol/patrol', draft, place: draft.address || this.data.placeName },
    });
    this.setData({ sending: 'sending', restored: false });
    core.outbox.flush();
  },
  moved(item) {
    if (item.state === 'sent') {
      this.setData({ sending: '', headline: '', done: { ...item.answer, solved: item.note.draft.solved } });
      if (!item.seen) core.outbox.markSeen(item.id);
      return;
    }
    if (item.state === 'waiting' || item.state === 'sending') {
      const unheard = item.state === 'waiting' && !!item.problem;
      this.setData({ sending: unheard ? 'waiting' : 'sending', kept: item.kept, headline: '' });
      if (unheard) wx.pageScrollTo({ scrollTop: 0, duration: 0 });
      return;
    }
    const problem = item.problem || {};
    this.setData({ sending: '', headline: problem.type === 'invalid-input' ? '还差一点，请改一下' : problem.message || '没有发出', accepted: (problem.more && problem.more.accepted) || '', faults: patrol.faultsOf(problem) });
    wx.pageScrollTo({ scrollTop: 0, duration: 0 });
  },
  async discard() {
    if (!(await confirm('写的和拍的都会删掉，不能恢复。', '丢掉', '丢掉这一件？'))) return;
    core.outbox.discard(this.data.draft.id);
    core.drafts.drop(this.data.name);
    this.back();
  },
  retry() {
    core.outbox.retry(this.data.draft.id);
  },
  open() {
    wx.redirectTo({ url: `/pages/case/detail?number=${encodeURIComponent(this.data.done.case_number)}` });
  },
  another() {
    wx.redirectTo({ url: '/pages/patrol/patrol' });
  },
  back() {
    wx.navigateBack({ fail: () => wx.switchTab({ url: '/pages/mine/mine' }) });
  },
});
