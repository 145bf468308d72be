const core = require('../../lib/core');
const words = require('../../lib/words');
const { target } = require('../../lib/notices');
const { page, failure, toast } = require('../../lib/page');
const { go } = require('../../lib/route');

page({
  data: { rows: /** @type {any[]} */ ([]), state: 'loading', message: '', cursor: /** @type {any} */ (null), unread: 0 },
  onShow() {
    this.load();
  },
  onPullDownRefresh() {
    this.load().then(() => wx.stopPullDownRefresh());
  },
  async load() {
    try {
      this.show(await core.notices.page(null), []);
    } catch (thrown) {
      const { message, offline } = failure(thrown);
      if (this.data.rows.length) toast(message);
      else this.setData({ state: offline ? 'offline' : 'error', message });
    }
  },
  show(answer, before) {
    const now = core.phone.now();
    const rows = before.concat(
      answer.items.map((one) => ({
        id: one.id,
        title: one.title,
        body: one.body,
        when: words.when(one.created_at, now),
        unread: one.read_at === null,
        url: target(one),
      })),
    );
    const unread = rows.filter((one) => one.unread).length;
    this.setData({ rows, unread, cursor: answer.next_cursor, state: rows.length ? '' : 'empty', message: rows.length ? '' : '还没有消息' });
  },
  async onReachBottom() {
    if (!this.data.cursor) return;
    try {
      this.show(await core.notices.page(this.data.cursor), this.data.rows);
    } catch (thrown) {
      toast(failure(thrown).message);
    }
  },
  open(event) {
    const found = this.data.rows.find((one) => one.id === event.currentTarget.dataset.id);
    if (!found) return;
    if (found.unread) core.notices.read([found.id]).catch(() => {});
    if (found.url) go(found.url);
  },
  async readAll() {
    try {
      await core.notices.read(this.data.rows.filter((one) => one.unread).map((one) => one.id));
      this.setData({ rows: this.data.rows.map((one) => ({ ...one, unread: false })), unread: 0 });
    } catch (thrown) {
      toast(failure(thrown).message);
    }
  },
});
