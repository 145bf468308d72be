/**
 * A place chosen on a page of ours: WeChat's own map is closed to who does not let it know where the
 * phone is. pages/report/place shows it.
 */

/** @type {{from: any, resolve: (place: any) => void} | null} */
let question = null;

/** @param {any} place GCJ-02, or null where the person went back */
function answer(place) {
  if (question) question.resolve(place);
  question = null;
}

/**
 * @param {any} from where the map begins, GCJ-02; null: the district's middle
 * @returns {Promise<{longitude: number, latitude: number} | null>} null where the person went back; rejected where
 *   the page cannot be opened
 */
function choose(from) {
  answer(null);
  return new Promise((resolve, reject) => {
    question = { from, resolve };
    wx.navigateTo({ url: '/pages/report/place', fail: reject });
  });
}

module.exports = { choose, answer, from: () => question && question.from };
