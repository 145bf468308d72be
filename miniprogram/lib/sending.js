/** What becomes of an item after a try that failed: pure rules. */

/** Keys are kept 24 hours at the server; a clock may be off by half an hour. */
const TRUSTED_FOR = 23.5 * 3600 * 1000;
const PAUSES = [5, 15, 60, 180, 300];

/** Types of problems that say: not this way, the case moved on. */
const MOVED = ['stale-case', 'illegal-move', 'other-account', 'unsure', 'not-found', 'forbidden', 'idempotency-conflict'];

/** Milliseconds to the next try. @param {number} tries @param {any} problem */
function pauseBefore(tries, problem) {
  if (problem.retryAfter) return problem.retryAfter * 1000;
  return PAUSES[Math.min(tries, PAUSES.length) - 1] * 1000;
}

/** Types that this phone itself says, before it asks the server. */
const OWN = ['other-account', 'unsure', 'photo-lost', 'fault'];

/**
 * The item's next state. An answer that refuses proves that no earlier try was taken: the server
 * looks for a known key first. `again`: at once, with the photos sent anew.
 * @param {any} item @param {any} problem @returns {any}
 */
function verdict(item, problem) {
  if (problem.transient || problem.status === 401) return { state: 'waiting', tries: item.tries + 1 };
  const known = OWN.indexOf(problem.type) >= 0 ? {} : { asked_at: undefined };
  if (problem.type === 'photo-unusable' && !item.resent) {
    return { ...known, state: 'waiting', tries: item.tries, resent: true, again: true };
  }
  const state = MOVED.indexOf(problem.type) >= 0 ? 'attention' : 'refused';
  return { ...known, state, tries: item.tries };
}

module.exports = { TRUSTED_FOR, pauseBefore, verdict };
