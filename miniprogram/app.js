const core = require('./lib/core');

App({
  onLaunch() {
    wx.onNeedPrivacyAuthorization((resolve) => core.privacy.ask(resolve));
    core.start();
  },
  onShow() {
    core.wake();
  },
});
