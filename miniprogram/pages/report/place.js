const core = require('../../lib/core');
const ownMap = require('../../lib/own-map');
const { promised } = require('../../lib/phone');
const { wgs84ToGcj02 } = require('../../lib/place');
const { page, failure, toast } = require('../../lib/page');

const CLOSE = 16;
const WIDE = 13;

/** A place chosen by moving the map under a mark; needs no permission. */
page({
  data: { centre: /** @type {any} */ (null), scale: CLOSE, borders: /** @type {any[]} */ ([]), state: 'loading', message: '' },
  onLoad() {
    this.load();
  },
  onUnload() {
    ownMap.answer(null);
  },
  async load() {
    try {
      const from = ownMap.from();
      const centre = from || wgs84ToGcj02((await core.nearby.district()).centre);
      this.setData({ centre, scale: from ? CLOSE : WIDE, state: '' });
      this.setData({ borders: await core.nearby.borders() });
    } catch (thrown) {
      if (this.data.centre) return;
      const { message, offline } = failure(thrown);
      this.setData({ state: offline ? 'offline' : 'error', message });
    }
  },
  async choose() {
    try {
      const { longitude, latitude } = await promised((how) => wx.createMapContext('map').getCenterLocation(how));
      ownMap.answer({ longitude, latitude });
      wx.navigateBack();
    } catch (_) {
      toast('没有取到位置，请再试一次');
    }
  },
});
