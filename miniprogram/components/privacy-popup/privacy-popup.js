/** Asks for consent to the privacy agreement when a protected call waits for it. */
const core = require('../../lib/core');
const { listen, unlisten } = require('../../lib/live');

Component({
  data: { open: false },
  lifetimes: {
    attached() {
      listen(this, core.privacy.onChange((open) => this.setData({ open })));
      if (core.privacy.asking()) this.setData({ open: true });
    },
    detached() {
      unlisten(this);
    },
  },
  methods: {
    read() {
      wx.openPrivacyContract({ fail: () => wx.navigateTo({ url: '/pages/privacy/privacy' }) });
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
