const core = require('../../lib/core');
const { page, failure } = require('../../lib/page');
const { go } = require('../../lib/route');

/** A case as everybody may see it. */
page({
  data: { number: '', one: /** @type {any} */ (null), marker: /** @type {any[]} */ ([]), state: 'loading', message: '' },
  onLoad(query) {
    this.setData({ number: decodeURIComponent(query.number || '') });
    this.load();
  },
  async load() {
    try {
      const one = await core.nearby.one(this.data.number);
      const marker = [{ id: 1, ...one.place, iconPath: `/images/pin/${one.status}.png`, width: 30, height: 38 }];
      this.setData({ one, marker, state: '' });
    } catch (thrown) {
      const { message, offline } = failure(thrown);
      this.setData({ state: offline ? 'offline' : 'error', message });
    }
  },
  join() {
    const { number, category } = this.data.one;
    go(`/pages/report/report?join=${encodeURIComponent(number)}&category=${category}`);
  },
  onShareAppMessage() {
    const { one, number } = this.data;
    return { title: one ? `${one.category_name}：${one.status_label}` : '随手拍', path: `/pages/public/case?number=${encodeURIComponent(number)}` };
  },
});
