/** My reports: what waits on this phone on top, then what was sent, newest first. */
const core = require('../../lib/core');
const { row } = require('../../lib/reports');
const { failure } = require('../../lib/page');
const { listen, unlisten, alive, silence } = require('../../lib/live');
const { go } = require('../../lib/route');

Component({
  properties: {
    /** a new number reads anew */
    tick: { type: Number, value: 0 },
    /** a new number reads the next page */
    more: { type: Number, value: 0 },
  },
  data: { rows: /** @type {any[]} */ ([]), state: 'loading', message: '', cursor: /** @type {any} */ (null), busy: false },
  observers: {
    tick() {
      this.load();
    },
    more(number) {
      if (number > 0 && this.data.cursor) this.next();
    },
  },
  lifetimes: {
    attached() {
      listen(this, core.outbox.onChange((item) => {
        if (item.state === 'sent' && !item.seen) this.load();
      }), core.onNetwork(() => this.load()));
    },
    detached() {
      unlisten(this);
      silence(this);
    },
  },
  methods: {
    async load() {
      try {
        const answer = await core.api.get('/api/v1/reports', { limit: 20 });
        this.show(answer, []);
        this.keep(answer.items);
        core.outbox.markSeen();
      } catch (thrown) {
        this.failed(thrown);
      }
    },
    /** The list as last read, where there is no network. */
    failed(thrown) {
      if (!alive(this)) return;
      const { message, offline } = failure(thrown);
      const kept = core.settings.get('reports');
      if (offline && kept) {
        this.show({ items: kept, next_cursor: null }, []);
        this.setData({ message: '没有网络，下面是上次看到的' });
        return;
      }
      this.setData({ state: offline ? 'offline' : 'error', message });
    },
    keep(items) {
      try {
        core.settings.put('reports', items);
      } catch (_) {
        // Without room the list is not there offline; nothing else is lost.
      }
    },
    show(answer, before) {
      if (!alive(this)) return;
      const now = core.phone.now();
      const rows = before.concat(answer.items.map((one) => row(one, now)));
      this.setData({ rows, cursor: answer.next_cursor, state: rows.length ? '' : 'empty', message: rows.length ? '' : '您还没有上报过' });
    },
    async next() {
      if (this.data.busy) return;
      this.setData({ busy: true });
      try {
        const answer = await core.api.get('/api/v1/reports', { limit: 20, cursor: this.data.cursor });
        this.show(answer, this.data.rows);
      } catch (thrown) {
        this.setData({ message: failure(thrown).message });
      }
      this.setData({ busy: false });
    },
    open(event) {
      go(`/pages/report/detail?id=${event.currentTarget.dataset.id}`);
    },
    report() {
      go('/pages/report/report');
    },
  },
});
