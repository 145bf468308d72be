/** Before sending: cases close by that may be the same. Joining one helps it, a twin does not. */
const core = require('../../lib/core');
const { silence } = require('../../lib/live');

const LOOKED_AT = 3;

Component({
  properties: {
    open: { type: Boolean, value: false },
    cases: { type: Array, value: /** @type {any[]} */ ([]) },
  },
  data: { shown: /** @type {any[]} */ ([]) },
  observers: {
    'open, cases'(open, cases) {
      if (!open) return;
      const shown = cases.slice(0, LOOKED_AT);
      this.setData({ shown });
      shown.forEach((one, at) => this.look(one.number, at));
    },
  },
  lifetimes: {
    detached() {
      silence(this);
    },
  },
  methods: {
    /** Words and a picture, where they are released already. */
    async look(number, at) {
      try {
        const found = await core.nearby.one(number);
        this.setData({
          [`shown[${at}].picture`]: found.before,
          [`shown[${at}].description`]: found.description || '',
        });
      } catch (_) {
        // Its kind, place and age are told without.
      }
    },
    join(event) {
      this.triggerEvent('join', { number: event.currentTarget.dataset.number });
    },
    apart() {
      this.triggerEvent('apart');
    },
    close() {
      this.triggerEvent('close');
    },
    still() {},
  },
});
