const core = require('../../lib/core');
const { page, failure, toast } = require('../../lib/page');

/** Binds this WeChat to a staff account by the code that its owner was given. */
page({
  data: { code: '', fault: '', busy: false, name: '', staff: false },
  onShow() {
    this.drawSelf();
  },
  drawSelf() {
    const account = core.session.account();
    this.setData({ staff: core.session.isStaff(), name: account ? account.display_name : '' });
  },
  typed(event) {
    this.setData({ code: event.detail.value, fault: '' });
  },
  async bind() {
    const code = this.data.code.trim().toUpperCase();
    if (!code) {
      this.setData({ fault: '请填绑定码' });
      return;
    }
    this.setData({ busy: true, fault: '' });
    try {
      await core.session.bind(code);
      this.setData({ code: '' });
      this.drawSelf();
      toast('绑定成功');
    } catch (thrown) {
      this.setData({ fault: failure(thrown).message });
    }
    this.setData({ busy: false });
  },
  work() {
    wx.switchTab({ url: '/pages/mine/mine' });
  },
});
