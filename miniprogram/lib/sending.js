/** What becomes of an item after a try that failed: pure rules. */

/** Keys are kept 24 hours at the server; its clocks may differ by half an hour. */
const TRUSTED_FOR = 23.5 * 3600 * 1000;
const PAUSES = [5, 15, 60, 180, 300];

/** Types of problems that say: not this way, the case moved on. */
const MOVED = ['stale-case', 'illegal-move', 'other-account', 'unsure', 'not-found', 'forbidden', 'idempotency-conflict'];

/** Milliseconds to the next try. @param {number} tries @param {any} problem */
function pauseBefore(tries, problem) {
  if (problem.retryAfter) return problem.retryAfter * 1000;
  return PAUSES[Math.min(tries, PAUSES.length) - 1] * 1000;
}

/** Whether its pause is over. A clock that was set back ends it. @param {any} item @param {number} now */
function isDue({ not_before, pause }, now) {
  return now >= not_before || now < not_before - (pause || 0);
}

/** Answers that say that this try was not taken, and nothing of earlier ones. */
const NOT_TAKEN = [401, 429];

/**
 * The item's next state. `asked`: a try whose outcome is unknown. A POST that is refused proves
 * that none was taken: the server looks for a known key first. Photos that are used already, when
 * an earlier try may have used them, prove nothing. `again`: at once, with the photos sent anew.
 * @param {any} item @param {any} problem
 * @param {any} before the item before this try
 * @param {boolean} posted whether this try got as far as the POST
 * @returns {any}
 */
function verdict(item, problem, before, posted) {
  const asked = before.asked;
  if (problem.transient || problem.status === 401 || problem.type === 'fault') {
    const unknown = posted && NOT_TAKEN.indexOf(problem.status) < 0;
    return { state: 'waiting', tries: item.tries + 1, resent: false, asked: unknown ? item.asked : asked };
  }
  if (!posted || problem.type === 'other-account') return { state: stateOf(problem), tries: item.tries, asked };
  if (problem.type === 'photo-unusable' && asked) return { state: 'attention', tries: item.tries, asked, problem: UNSURE };
  if (problem.type === 'photo-unusable' && !item.resent) {
    return { state: 'waiting', tries: item.tries, asked: undefined, resent: true, again: true };
  }
  const { message } = SAID[problem.type] || problem;
  return { state: stateOf(problem), tries: item.tries, asked: undefined, problem: { ...problem.plain(), message } };
}

const stateOf = (problem) => (MOVED.indexOf(problem.type) >= 0 ? 'attention' : 'refused');

/** In the words of who wrote it, where the server's are for programs. */
const SAID = {
  'idempotency-conflict': { message: '先前填的那一份已经送达，请先看进展' },
  'stale-case': { message: '您填写期间情况有了变化。请先看进展，再决定是否重发' },
};
const UNSURE = { status: 409, type: 'unsure', message: '上次没等到答复。请先看进展，那里没有再重发', faults: [], more: {} };

module.exports = { TRUSTED_FOR, UNSURE, pauseBefore, isDue, verdict };
