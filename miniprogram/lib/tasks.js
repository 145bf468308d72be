/** Cases that wait for a member of staff: how urgent, how far, and why. Pure. */
const words = require('./words');
const { distance, metresInWords } = require('./place');

/** What is left below this is soon, ms. */
const SOON = 4 * 3600 * 1000;
const PIN = { late: '/images/pin/late.png', soon: '/images/pin/soon.png', open: '/images/pin/calm.png' };
const LABEL = { late: '#a8201a', soon: '#7a4300', open: '#0e4f45' };
const COORDINATES = 'gcj02';
/** Statuses in which nothing is to be done any more, so that no time is left or over. */
const ENDED = ['closed', 'rejected', 'merged'];

/** The clock that runs out first among those that still run. @param {any} whole a case as kept, or null */
function runningClock(whole) {
  return ((whole && whole.clocks) || [])
    .filter((one) => one.round === whole.round && !one.met_at && !one.cleared_at)
    .sort((a, b) => Date.parse(a.due_at) - Date.parse(b.due_at))[0];
}

/**
 * The moment that counts for a case: of its running clock where it was read whole, else its own.
 * @param {any} one @param {any} whole the case as kept, or null @param {number} now
 */
function deadline(one, whole, now) {
  if (ENDED.indexOf(one.status) >= 0) return { at: '', words: '', level: 'open', tone: 'quiet' };
  const fresh = whole && whole.version >= one.version ? whole : null;
  const clock = runningClock(fresh);
  const at = clock ? clock.due_at : one.due_at;
  if (!at) return { at: '', words: '没有期限', level: 'open', tone: 'quiet' };
  const { words: left, late } = words.due(at, now);
  const level = late ? 'late' : Date.parse(at) - now < SOON ? 'soon' : 'open';
  const tone = { late: 'stop', soon: 'hold', open: 'going' }[level];
  const name = clock ? `${clock.label}：` : '';
  const soon = level === 'soon' ? '快到期，' : '';
  return { at, words: `${name}${soon}${left}`, level, tone };
}

/**
 * @param {any[]} items of GET /cases
 * @param {object} known
 * @param {(number: string) => any} known.kept a case as last read whole
 * @param {any} known.here GCJ-02, or null
 * @param {(number: string) => number} known.waiting how many steps wait on this phone
 * @param {number} known.now
 */
function rows(items, { kept, here, waiting, now }) {
  return items.map((one) => {
    const place = one.location[COORDINATES];
    const whole = kept(one.number);
    const known = whole && whole.version > one.version ? whole : one;
    const away = here ? distance(here, place) : null;
    return {
      number: one.number,
      category: one.category_name || '待定类别',
      label: known.status_label,
      due: deadline(one, whole, now),
      description: one.description || '',
      where: one.address || one.grid_name || '',
      emergency: one.emergency,
      when: words.when(one.submitted_at, now),
      place,
      away,
      awayWords: away === null ? '' : metresInWords(away),
      waiting: waiting(one.number),
    };
  });
}

const never = Number.MAX_SAFE_INTEGER;
const moment = (row) => (row.due.at ? Date.parse(row.due.at) : never);

/** The most urgent first; what has no limit last. */
function byDue(found) {
  return found.slice().sort((a, b) => moment(a) - moment(b) || (a.number < b.number ? -1 : 1));
}

/** The nearest first; by urgency where the phone's place is not known. */
function byDistance(found) {
  return byDue(found).sort((a, b) => (a.away === null ? 0 : a.away - b.away));
}

/** Each row as a marker with its limit in words. @param {any[]} found */
function markers(found) {
  return found.map((row, id) => ({
    id,
    longitude: row.place.longitude,
    latitude: row.place.latitude,
    iconPath: PIN[row.due.level],
    width: 30,
    height: 38,
    zIndex: { late: 3, soon: 2, open: 1 }[row.due.level],
    title: `${row.category}，${row.due.words}`,
    ariaLabel: `${row.category}，${row.due.words}`,
    label: { content: row.due.level === 'late' ? '超时' : row.due.level === 'soon' ? '快到期' : '', color: '#ffffff', bgColor: LABEL[row.due.level], fontSize: 12, borderRadius: 4, padding: 3, anchorX: -18, anchorY: -58 },
  })).map((one) => (one.label.content ? one : { ...one, label: undefined }));
}

/** How many are open, due today and late. @param {any[]} found rows @param {number} now */
function figures(found, now) {
  const today = words.day(now);
  return {
    open: found.length,
    today: found.filter((row) => row.due.at && row.due.level !== 'late' && words.day(Date.parse(row.due.at)) === today).length,
    late: found.filter((row) => row.due.level === 'late').length,
  };
}

module.exports = { deadline, rows, byDue, byDistance, markers, figures };
