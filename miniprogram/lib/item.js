/** One thing that is to be sent, as it is written on the phone. */

/**
 * @typedef {object} Item
 * @property {string} id also the Idempotency-Key
 * @property {'report' | 'call' | 'action'} kind
 * @property {string} lane items of one lane go one after the other
 * @property {string} path POST
 * @property {any} body without photos
 * @property {Object<string, string[]>} photos field of the body → ids of photos on this phone
 * @property {string} title what a person reads
 * @property {any} [note] what pages need to show or edit it
 * @property {string} account whose it is; '' before the first sign-in
 * @property {number} seq the order in which items were made, whatever the clock says
 * @property {number} made_at
 * @property {boolean} kept whether it stays after a kill: there was room for it
 * @property {'waiting' | 'sending' | 'refused' | 'attention' | 'sent'} state
 * @property {number} tries without an answer
 * @property {{at: number, body: any}} [asked] tries whose outcome is unknown: not before when on the
 *   server's clock, ms, 0 where that is unknown; and what went out, byte for byte
 * @property {number} not_before
 * @property {number} [pause] ms, that ends at `not_before`
 * @property {any} [problem]
 * @property {any} [answer]
 * @property {number} [sent_at]
 * @property {boolean} [seen] that it arrived
 */

/** Whether a person is to decide. @param {Item} item */
const isAsking = ({ state }) => state === 'refused' || state === 'attention';

/** @param {string[][]} lists @returns {string[]} */
function flat(lists) {
  /** @type {string[]} */
  const none = [];
  return none.concat(...lists);
}

/** @param {Item} item */
function photosOf(item) {
  return flat(Object.keys(item.photos || {}).map((field) => item.photos[field]));
}

/** The photos that a problem names; all where it names none. @param {Item} item */
function unusable(item, problem) {
  const named = photosOf(item).filter((id) =>
    problem.faults.some((fault) => {
      const [, field, position] = fault.pointer.split('/');
      return (item.photos[field] || [])[position] === id;
    }),
  );
  return named.length ? named : photosOf(item);
}

module.exports = { flat, isAsking, photosOf, unusable };
