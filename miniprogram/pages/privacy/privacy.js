const core = require('../../lib/core');
const words = require('../../lib/words');
const { page } = require('../../lib/page');

page({
  data: { version: core.privacy.version, agreed: '' },
  onShow() {
    const agreed = core.privacy.agreed();
    const when = agreed ? words.when(agreed.at, core.phone.now()) : '';
    this.setData({ agreed: agreed ? `您于${when}同意了 ${agreed.version} 版` : '' });
  },
  contract() {
    wx.openPrivacyContract({ fail: () => {} });
  },
});
