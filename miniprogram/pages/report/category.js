const core = require('../../lib/core');
const { search, picture } = require('../../lib/catalogue');
const { page, failure } = require('../../lib/page');

/** Chooses the category by picture or in one's own words, and writes it to the draft. */
page({
  data: {
    groups: /** @type {any[]} */ ([]),
    group: /** @type {any} */ (null),
    found: /** @type {any[]} */ ([]),
    typed: '',
    state: 'loading',
    message: '',
    name: 'report',
  },
  onLoad(query) {
    this.setData({ name: decodeURIComponent(query.draft || 'report') });
    this.load();
  },
  async load() {
    try {
      const catalogue = await core.catalogue.load();
      const groups = catalogue.groups.map((group) => ({
        code: group.code,
        name: group.name,
        picture: picture(group.code),
        categories: group.categories.map((one) => ({ code: one.code, name: one.name, picture: picture(group.code, one.code) })),
      }));
      this.setData({ groups, state: '' });
    } catch (thrown) {
      const { message, offline } = failure(thrown);
      this.setData({ state: offline ? 'offline' : 'error', message });
    }
  },
  search(event) {
    const typed = event.detail.value;
    this.setData({ typed, found: search(core.catalogue.kept() || { groups: [] }, typed) });
  },
  openGroup(event) {
    const group = this.data.groups.find((one) => one.code === event.currentTarget.dataset.code);
    this.setData({ group });
    wx.pageScrollTo({ scrollTop: 0, duration: 0 });
  },
  closeGroup() {
    this.setData({ group: null });
  },
  choose(event) {
    this.write({ category: event.currentTarget.dataset.code, unsure: false });
  },
  unsure() {
    this.write({ category: undefined, unsure: true });
  },
  write(changes) {
    const { name } = this.data;
    core.drafts.save(name, { ...core.drafts.open(name), ...changes });
    wx.navigateBack();
  },
});
