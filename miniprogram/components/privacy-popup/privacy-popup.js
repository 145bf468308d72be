/** Asks for consent to the privacy agreement when a protected call waits for it. */
const core = require('../../lib/core');
const { listen, unlisten } = require('../../lib/live');
const { go } = require('../../lib/route');

Component({
  data: { open: false, own: false, again: false },
  lifetimes: {
    attached() {
      listen(this, core.privacy.onChange(() => this.show()));
      this.show();
    },
    detached() {
      unlisten(this);
    },
  },
  methods: {
    show() {
      const open = core.privacy.asking();
      if (open !== this.data.open) this.setData({ open, own: core.privacy.own(), again: core.privacy.agreed() !== null });
    },
    read() {
      wx.openPrivacyContract({ fail: () => go('/pages/privacy/privacy') });
    },
    agree() {
      core.privacy.agree('agree');
    },
    refuse() {
      core.privacy.refuse();
    },
    still() {},
  },
});
