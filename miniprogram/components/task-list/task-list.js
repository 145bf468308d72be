/** Cases that wait for me, the most urgent first. */
const core = require('../../lib/core');
const words = require('../../lib/words');
const { failure } = require('../../lib/page');

Component({
  properties: {
    tick: { type: Number, value: 0 },
  },
  data: { rows: /** @type {any[]} */ ([]), state: 'loading', message: '' },
  observers: {
    tick() {
      this.load();
    },
  },
  methods: {
    async load() {
      try {
        const { items } = await core.api.get('/api/v1/cases', { holder: 'me', sort: 'due_at', limit: 50 });
        const now = core.phone.now();
        const rows = items.map((one) => ({
          number: one.number,
          category: one.category_name || '待定类别',
          label: one.status_label,
          due: words.due(one.due_at, now),
          when: words.when(one.submitted_at, now),
        }));
        this.setData({ rows, state: rows.length ? '' : 'empty', message: rows.length ? '' : '现在没有等您办的' });
      } catch (thrown) {
        const { message, offline } = failure(thrown);
        this.setData({ state: offline ? 'offline' : 'error', message });
      }
    },
  },
});
