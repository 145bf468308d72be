/**
 * Where the phone is. WeChat gives a place once in half a minute: before its release a mini program
 * is refused in between, after it the same place comes again, whatever system is asked for. So only
 * one system is asked for, and what came last stands for that time.
 */
const { gcj02ToWgs84 } = require('./place');

const TOO_OFTEN = '频繁';
/** So long WeChat gives no other place, with what a call takes, ms. */
const STANDS = 35 * 1000;

/**
 * @param {(type: string) => Promise<any>} ask wx.getLocation
 * @param {() => number} now
 * @returns {(type?: 'gcj02' | 'wgs84') => Promise<{longitude: number, latitude: number, coord_type: string, accuracy_m: number}>}
 *   as the server takes a place
 */
function makeWhereabouts(ask, now) {
  /** @type {any} */
  let last = null;
  let at = 0;

  const fresh = () => last && Math.abs(now() - at) < STANDS;

  async function found() {
    try {
      const { longitude, latitude, accuracy } = await ask('gcj02');
      last = { longitude, latitude, coord_type: 'gcj02', accuracy_m: Math.min(100000, Math.max(0, Math.round(accuracy || 0))) };
      at = now();
    } catch (why) {
      if (!fresh() || String((why && why.errMsg) || '').indexOf(TOO_OFTEN) < 0) throw why;
    }
    return last;
  }

  return async (type = 'gcj02') => {
    const place = await found();
    return type === 'gcj02' ? place : { ...place, ...gcj02ToWgs84(place), coord_type: type };
  };
}

module.exports = { makeWhereabouts };
