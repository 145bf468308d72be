const core = require('../../lib/core');
const camera = require('../../lib/camera');
const { openPlaceSetting } = require('../../lib/permission');
const { drawTabs } = require('../../lib/tabs');
const { page, failure, toast } = require('../../lib/page');
const { wgs84ToGcj02 } = require('../../lib/place');
const { listen, unlisten } = require('../../lib/live');
const { go } = require('../../lib/route');

/** So many rows stand under the map: the map alone says nothing to who cannot see it. */
const ROWS = 3;
const SOLVED = 6;
const CLOSED = 3;

page({
  data: {
    district: '',
    staff: false,
    unread: 0,
    unfinished: false,
    centre: /** @type {any} */ (null),
    mine: false,
    markers: /** @type {any[]} */ ([]),
    borders: /** @type {any[]} */ ([]),
    rows: /** @type {any[]} */ ([]),
    count: 0,
    near: 'loading',
    nearMessage: '',
    solved: /** @type {any[]} */ ([]),
    /** closed around here; those of them that do not stand among the solved are shown */
    around: /** @type {any[]} */ ([]),
    closed: /** @type {any[]} */ ([]),
    placeProblem: '',
    placeDenied: false,
  },
  onLoad() {
    listen(
      this,
      core.session.onChange(() => {
        this.drawSelf();
        drawTabs();
      }),
      core.notices.onChange(() => this.drawSelf()),
      core.outbox.onChange(drawTabs),
      core.onNetwork(() => {
        if (this.data.near === 'offline' || this.data.near === 'error') this.load();
      }),
    );
    this.load();
  },
  onShow() {
    drawTabs();
    this.drawSelf();
    core.me().catch(() => {});
  },
  onUnload() {
    unlisten(this);
  },
  onPullDownRefresh() {
    this.load().then(() => wx.stopPullDownRefresh());
  },
  drawSelf() {
    this.setData({ staff: core.session.isStaff(), unread: core.notices.unread(), unfinished: core.drafts.has('report') });
  },
  async load() {
    await Promise.all([this.loadNear(), this.loadSolved(), this.loadBorders()]);
  },
  /** Around the phone where that is permitted already, else around the district's middle. */
  async loadNear() {
    try {
      const { name, centre } = await core.nearby.district();
      this.setData({ district: name });
      const allowed = !core.elder.on() && (await camera.mayLocate());
      const here = allowed ? await camera.here('wgs84').catch(() => null) : null;
      await this.show(here || centre, here !== null);
    } catch (thrown) {
      const { message, offline } = failure(thrown);
      this.setData({ near: offline ? 'offline' : 'error', nearMessage: message });
    }
  },
  async show(place, mine) {
    const found = await core.nearby.around(place);
    this.setData({
      centre: wgs84ToGcj02(place),
      mine,
      markers: found.markers,
      count: found.rows.length,
      rows: found.rows.slice(0, ROWS),
      near: found.rows.length ? 'some' : 'none',
    });
    this.loadClosed(place);
  },
  async locate() {
    this.setData({ placeProblem: '', placeDenied: false });
    try {
      await this.show(await camera.here('wgs84'), true);
    } catch (thrown) {
      this.setData({ placeProblem: thrown.message, placeDenied: thrown.type === 'place-denied' });
    }
  },
  async loadBorders() {
    try {
      this.setData({ borders: await core.nearby.borders() });
    } catch (_) {
      // The map is one without them.
    }
  },
  async loadSolved() {
    try {
      this.setData({ solved: await core.nearby.solved(SOLVED) });
    } catch (_) {
      this.setData({ solved: [] });
    }
    this.drawClosed();
  },
  async loadClosed(place) {
    try {
      this.setData({ around: (await core.nearby.closed(place)).slice(0, SOLVED + CLOSED) });
    } catch (_) {
      this.setData({ around: [] });
    }
    this.drawClosed();
  },
  /** Closed ones around without a released picture. */
  drawClosed() {
    const pictured = this.data.solved.map((one) => one.number);
    this.setData({ closed: this.data.around.filter((one) => pictured.indexOf(one.number) < 0).slice(0, CLOSED) });
  },
  marker(event) {
    const found = this.data.markers.find((one) => one.id === event.detail.markerId);
    if (found) this.openCase(found.number);
  },
  openRow(event) {
    this.openCase(event.currentTarget.dataset.number);
  },
  openCase(number) {
    go(`/pages/public/case?number=${encodeURIComponent(number)}`);
  },
  report() {
    go('/pages/report/report');
  },
  scan() {
    wx.scanCode({
      success: (found) => {
        const scene = sceneOf(found);
        if (scene) go(`/pages/report/report?scene=${encodeURIComponent(scene)}`);
        else toast('这不是地点码，请直接上报');
      },
      fail: () => {},
    });
  },
  mineTab() {
    wx.switchTab({ url: '/pages/mine/mine' });
  },
  inbox() {
    go('/pages/inbox/inbox');
  },
  openSetting() {
    openPlaceSetting();
  },
  large() {
    this.setElder(true);
  },
  normal() {
    this.setElder(false);
    this.loadNear();
  },
  setElder(on) {
    core.elder.set(on);
    this.setData({ elder: on, theme: core.elder.theme() });
    drawTabs();
  },
});

/** The scene of a mini program code; a plain code on a sheet is its scene itself. */
function sceneOf(found) {
  const path = found.path || '';
  const asked = /[?&]scene=([^&]*)/.exec(path);
  if (asked) return decodeURIComponent(asked[1]);
  return /^[0-9A-Za-z!#$&'()*+,/:;=?@._~-]{1,32}$/.test(found.result || '') ? found.result : '';
}
