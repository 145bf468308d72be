/** What is kept on this phone and not sent yet, and why. */
const core = require('../../lib/core');
const { listen, unlisten } = require('../../lib/live');
const { photosOf } = require('../../lib/item');
const { waitingRow, arrivedRow } = require('../../lib/reports');
const { go } = require('../../lib/route');

Component({
  properties: {
    /** only items of this lane; all without */
    lane: { type: String, value: '' },
    /** reports that arrived meanwhile as well */
    news: { type: Boolean, value: false },
  },
  data: { rows: /** @type {any[]} */ ([]), arrived: /** @type {any[]} */ ([]) },
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
      const { lane, news } = this.data;
      const open = core.outbox.open();
      const shown = open.filter((item) => !lane || item.lane === lane);
      const arrived = core.outbox.list().filter((item) => news && item.kind === 'report' && item.state === 'sent' && !item.seen);
      this.setData({
        rows: shown.map((item) => ({ ...waitingRow(item, now, open), photo: firstPhoto(item) })),
        arrived: arrived.map((item) => arrivedRow(item, now)),
      });
    },
    openArrived(event) {
      const { id, url } = event.currentTarget.dataset;
      core.outbox.markSeen(id);
      go(url);
    },
    open(event) {
      go(event.currentTarget.dataset.url);
    },
  },
});

/** Its path; '' without one. @param {import('../../lib/item').Item} item */
function firstPhoto(item) {
  const [id] = photosOf(item);
  return id ? core.photos.shown(id).path : '';
}
