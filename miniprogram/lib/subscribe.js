/**
 * Asking for messages when a person has just done what there will be news of. One consent is one
 * message. What WeChat answered is told to the server at once or not at all: told a day later it
 * would count as another tap, and WeChat tells the server of the same tap itself.
 */

/** WeChat asks for so many templates at once. */
const AT_ONCE = 3;
/** Who has so many messages of a template left is not asked for more of it. */
const ENOUGH = 3;
const OF_STAFF = /^(task|gone)/;

/**
 * The templates to ask a person for: those that the fewest are left of first.
 * @param {any[]} items of GET /me/consents @param {boolean} staff
 */
function choose(items, staff) {
  return items
    .filter((one) => one.events.some((event) => OF_STAFF.test(event) === staff) && (one.remaining || 0) < ENOUGH)
    .sort((a, b) => (a.remaining || 0) - (b.remaining || 0))
    .slice(0, AT_ONCE)
    .map((one) => one.template_id);
}

/** @param {Object<string, string>} said by template, of wx.requestSubscribeMessage @param {string[]} asked */
function told(said, asked) {
  return {
    accepted: asked.filter((id) => said[id] === 'accept'),
    rejected: asked.filter((id) => said[id] === 'reject'),
  };
}

/**
 * @param {object} edges
 * @param {any} edges.api
 * @param {(ids: string[]) => Promise<any>} edges.ask requestSubscribeMessage
 */
function makeSubscribe({ api, ask }) {
  /** @type {string[]} */
  let ready = [];
  return {
    /** Reads ahead: WeChat wants the question right in the tap. @param {boolean} [staff] */
    async prepare(staff = false) {
      try {
        const answer = await api.get('/api/v1/me/consents');
        ready = choose(answer.items, staff);
      } catch (_) {
        ready = [];
      }
    },
    /** In a tap. Never fails: a report goes out whether or not somebody wants messages. */
    async ask() {
      if (ready.length === 0) return;
      const asked = ready;
      ready = [];
      try {
        const answer = told(await ask(asked), asked);
        if (answer.accepted.length + answer.rejected.length > 0) {
          api.post('/api/v1/me/consents', answer).catch(() => {});
        }
      } catch (_) {
        // Refused for good in WeChat's settings, or no dialog could be shown.
      }
    },
  };
}

module.exports = { makeSubscribe, choose, told };
