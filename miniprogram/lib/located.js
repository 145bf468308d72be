/** What the server says of a place: its grid, and public cases close by. */
const { areaName } = require('./place');
const words = require('./words');

/**
 * @param {any} api @param {any} place as it will be sent
 * @returns {Promise<{name: string, nearby: any[]}>}
 */
async function locate(api, place) {
  const answer = await api.post('/api/v1/locate', { location: place });
  return { name: areaName(answer), nearby: answer.nearby };
}

/** Closer than a phone can tell, m. */
const SAME_SPOT_M = 10;

/**
 * Cases that may be the same: of the chosen category; all where none is chosen.
 * @param {any[]} nearby @param {string | undefined} category @param {number} now
 */
function similar(nearby, category, now) {
  return nearby
    .filter((one) => !category || one.category === category)
    .map((one) => ({
      number: one.number,
      category: one.category,
      category_name: one.category_name,
      words: `${one.distance_m < SAME_SPOT_M ? '就在这里' : `离这里 ${one.distance_m} 米`} · ${words.when(one.submitted_at, now)} · 已有 ${one.reports} 人上报`,
      picture: '',
      description: '',
    }));
}

module.exports = { locate, similar };
