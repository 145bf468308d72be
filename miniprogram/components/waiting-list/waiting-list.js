/** What is kept on this phone and not sent yet, and why. */
const core = require('../../lib/core');
const { listen, unlisten } = require('../../lib/live');
const { waitingRow } = require('../../lib/reports');

Component({
  properties: {
    /** only items of this lane; all without */
    lane: { type: String, value: '' },
  },
  data: { rows: /** @type {any[]} */ ([]) },
  lifetimes: {
    attached() {
      listen(this, core.outbox.onChange(() => this.draw()));
      this.draw();
    },
    detached() {
      unlisten(this);
    },
  },
  pageLifetimes: {
    show() {
      this.draw();
    },
  },
  methods: {
    draw() {
      const now = core.phone.now();
      const { lane } = this.data;
      const open = core.outbox.open().filter((item) => !lane || item.lane === lane);
      this.setData({ rows: open.map((item) => waitingRow(item, now)) });
    },
    open(event) {
      wx.navigateTo({ url: `/pages/report/waiting?id=${event.currentTarget.dataset.id}` });
    },
  },
});
