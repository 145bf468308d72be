const core = require('../../lib/core');
const words = require('../../lib/words');
const { drawTabs } = require('../../lib/tabs');
const { page, failure, toast, confirm } = require('../../lib/page');

page({
  data: {
    me: /** @type {any} */ (null),
    staff: false,
    problem: '',
    limitUntil: '',
    appealing: false,
    appeal: '',
  },
  onShow() {
    drawTabs();
    this.load();
  },
  async load() {
    this.setData({ staff: core.session.isStaff() });
    try {
      const me = await core.me();
      const limitUntil = me.limited ? words.until(me.limited.expires_at, core.phone.now()) : '';
      this.setData({ me, limitUntil, problem: '', staff: core.session.isStaff() });
      drawTabs();
    } catch (thrown) {
      this.setData({ problem: failure(thrown).message });
    }
  },
  /** The code of WeChat's phone button goes to the server; the number itself never comes here. */
  async phone(event) {
    const { code } = event.detail;
    if (!code) return;
    try {
      const { phone } = await core.api.post('/api/v1/me/phone', { wechat_code: code });
      this.setData({ 'me.phone': phone });
      toast('手机号已绑定');
    } catch (thrown) {
      toast(failure(thrown).message);
    }
  },
  async removePhone() {
    if (!(await confirm('删除后，受理人员不能给您打电话。', '删除', '删除手机号？'))) return;
    try {
      await core.api.call('DELETE', '/api/v1/me/phone');
      this.setData({ 'me.phone': null });
    } catch (thrown) {
      toast(failure(thrown).message);
    }
  },
  elder(event) {
    core.elder.set(event.detail.value);
    this.setData({ elder: event.detail.value, theme: core.elder.theme() });
    drawTabs();
  },
  startAppeal() {
    this.setData({ appealing: true });
  },
  typed(event) {
    this.setData({ appeal: event.detail.value });
  },
  async sendAppeal() {
    const reason = this.data.appeal.trim();
    if (!reason) {
      toast('请写明理由');
      return;
    }
    try {
      await core.api.post('/api/v1/me/limit-appeal', { reason }, core.phone.newId());
      this.setData({ appealing: false, 'me.limited.appealed': true });
      toast('申诉已提交');
    } catch (thrown) {
      toast(failure(thrown).message);
    }
  },
  home() {
    wx.switchTab({ url: '/pages/home/home' });
  },
});
