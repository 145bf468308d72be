/**
 * Actions as forms, read off what the server offers: `actions` of a case with their `fields`,
 * `choices` and labels. Which action is allowed, and what fits a field, the server alone knows.
 */
const words = require('./words');
const tasks = require('./tasks');
const { isAsking } = require('./item');

/** How a field without choices is entered, by its name in the contract. */
const KINDS = {
  photo_ids: 'photos',
  location: 'place',
  category: 'category',
  due_at: 'moment',
  review_at: 'moment',
  external_due_at: 'moment',
  reason: 'long',
  reply: 'long',
  comment: 'long',
  question: 'long',
  paraphrase: 'long',
};

/** @param {any} field */
function kindOf(field) {
  if (field.choices) return field.choices.length > BUTTONS ? 'list' : 'choice';
  if (NAMED.indexOf(field.name) >= 0) return 'unlisted';
  return KINDS[field.name] || 'line';
}

/** So many choices stand as buttons; more are a list to pick from. */
const BUTTONS = 6;
/** Fields whose choices the server names only when asked. */
const NAMED = ['unit', 'worker'];

/** Words of a report, which stand with the report. */
const REPORTED = ['description', 'address', 'attributes'];

const blank = (value) => value === undefined || value === null || (typeof value === 'string' && value.trim() === '') || (Array.isArray(value) && value.length === 0);

/**
 * The form as shown.
 * @param {any} action @param {any} draft values, photos @param {Object<string, string[]>} faults
 * @param {(code: string) => string} categoryName
 */
function shape(action, draft, faults, categoryName) {
  return action.fields.map((field) => {
    const kind = kindOf(field);
    const value = kind === 'photos' ? draft.photos : (draft.values || {})[field.name];
    const text = typeof value === 'string' ? value : '';
    return {
      name: field.name,
      label: field.label,
      required: field.required || oneOf(action).indexOf(field) >= 0,
      kind,
      text,
      date: kind === 'moment' ? text.slice(0, 10) : '',
      time: kind === 'moment' ? text.slice(11, 16) : '',
      told: told(kind, value, field.choices || [], categoryName),
      photos: kind === 'photos' ? draft.photos || [] : [],
      at: (field.choices || []).findIndex((one) => one.value === value),
      choices: (field.choices || []).map((one) => ({ ...one, on: one.value === value })),
      faults: faults[field.name] || [],
    };
  });
}

function told(kind, value, choices, categoryName) {
  if (kind === 'place') return value ? value.said || '位置已选' : '';
  if (kind === 'list') return (choices.find((one) => one.value === value) || { label: '' }).label;
  if (kind === 'category') return value ? categoryName(value) : '';
  return '';
}

/** Fields of which exactly one is to be given. @param {any} action @returns {any[]} */
function oneOf({ fields, exactly_one = [] }) {
  return fields.filter((field) => exactly_one.indexOf(field.name) >= 0);
}

/** What is said of them above the form. @param {any} action */
function either(action) {
  const labels = oneOf(action).map((field) => `“${field.label}”`);
  return labels.length ? `${labels.join('和')}选一个，不用都选。` : '';
}

/** Values after one was entered, which takes the place of those that may not stand beside it. */
function entered(action, values, name, value) {
  const now = { ...values, [name]: value };
  const group = oneOf(action).map((field) => field.name);
  if (group.indexOf(name) >= 0 && !blank(value)) group.forEach((other) => other !== name && delete now[other]);
  return now;
}

/** Required fields that are empty. @param {any} action @param {any} draft */
function missing(action, draft) {
  const faults = {};
  action.fields.forEach((field) => {
    const kind = kindOf(field);
    const value = kind === 'photos' ? draft.photos : (draft.values || {})[field.name];
    if (!field.required || !blank(value)) return;
    faults[field.name] = [`${{ choice: '请选', list: '请选', unlisted: '请选', category: '请选', place: '请选', moment: '请选', photos: '请拍' }[kind] || '请填'}“${field.label}”`];
  });
  const group = oneOf(action);
  if (group.length && group.every((field) => blank((draft.values || {})[field.name]))) {
    faults[group[0].name] = [`请选${group.map((field) => `“${field.label}”`).join('或')}`];
  }
  return faults;
}

/**
 * What is sent, without the photos: blank is absent.
 * @param {any} action @param {any} draft @param {number} version of the case that the person saw
 */
function bodyOf(action, draft, version) {
  const body = { action: action.action, version };
  action.fields.forEach((field) => {
    const kind = kindOf(field);
    const value = (draft.values || {})[field.name];
    if (kind === 'photos' || blank(value)) return;
    if (kind === 'place') {
      body[field.name] = { ...value, said: undefined };
    } else body[field.name] = typeof value === 'string' ? value.trim() : value;
  });
  return body;
}

/** Fields of photos → the photos. @param {any} action @param {any} draft */
function photosOf(action, draft) {
  const found = {};
  action.fields.forEach((field) => {
    if (kindOf(field) === 'photos' && (draft.photos || []).length) found[field.name] = draft.photos;
  });
  return found;
}

/**
 * A refusal by field; what belongs to no field of the form stands under ''. A photo is named by
 * its place in the row.
 * @param {any} problem as kept @param {any} action @returns {Object<string, string[]>}
 */
function faultsOf(problem, action) {
  /** @type {Object<string, string[]>} */
  const faults = {};
  const names = action.fields.map((field) => field.name);
  (problem.faults || []).forEach(({ pointer, message }) => {
    const [, name, at] = pointer.split('/');
    const key = names.indexOf(name) >= 0 ? name : '';
    const which = name === 'photo_ids' && /^[0-9]+$/.test(at || '') ? `第 ${Number(at) + 1} 张：` : '';
    const said = which + message;
    const list = faults[key] || (faults[key] = []);
    if (list.indexOf(said) < 0) list.push(said);
  });
  return faults;
}

/**
 * What is left of faults after a field was changed: nothing of that field, nothing that no field is
 * to blame for. Of a refusal nothing at all where something else was chosen: all else hangs on it.
 * @param {Object<string, string[]>} faults @param {any} action @param {string} name
 * @param {boolean} refused whether the server found them
 * @returns {Object<string, string[]>}
 */
function faultsAfter(faults, action, name, refused) {
  const field = action.fields.find((one) => one.name === name);
  if (refused && field && field.choices) return {};
  const left = { ...faults, [name]: [], '': [] };
  const group = oneOf(action);
  if (group.indexOf(field) >= 0) group.forEach((one) => (left[one.name] = []));
  return left;
}

/** All of a refusal. @param {Object<string, string[]>} faults @returns {string[]} */
function listed(faults) {
  return Object.keys(faults).reduce((all, name) => all.concat(faults[name]), /** @type {string[]} */ ([]));
}

/** Whether the server is to be asked for choices. @param {any} action */
function asksChoices(action) {
  return action.fields.some((field) => kindOf(field) === 'unlisted');
}

/** @param {any} action @param {Object<string, any[]>} choices by field */
function withChoices(action, choices) {
  return { ...action, fields: action.fields.map((field) => (choices[field.name] && !field.choices ? { ...field, choices: choices[field.name] } : field)) };
}

/**
 * What stands before a step in its lane: a step that a person is to decide on, or one that waits.
 * @param {any[]} open what is not sent, the oldest first @param {string} lane
 * @param {any} [item] the step; without, one that is yet to be made
 */
function before(open, lane, item) {
  const found = open.filter((one) => one.lane === lane && (!item || one.seq < item.seq));
  return { asking: found.find(isAsking) || null, first: found[0] || null };
}

const resolution = (one) => one.timeline.filter((event) => event.action === 'resolve').pop();

/** What is claimed of a case that waits for its check, as steps. @param {any} one @param {number} now */
function claims(one, now) {
  const claimed = one.status === 'resolved' && resolution(one);
  return claimed ? [step(claimed, now)] : [];
}

/** The outcome that says that the work was done. */
const DONE = 'fixed';

/**
 * When the work counts as done: told to who says that it is.
 * @param {any} one @param {string} action @param {any} values of the form
 */
function closeWhen(one, action, values = {}) {
  const claimed = resolution(one);
  const said = { resolve: values.outcome || DONE, pass: claimed ? claimed.facts.outcome : DONE }[action];
  return said === DONE ? one.close_when || '' : '';
}

/** The limit that counts now, with its moment. @param {any} one @param {number} now */
function limit(one, now) {
  const found = tasks.deadline(one, one, now);
  if (!found.at) return found;
  return { ...found, words: `${found.words}，${found.level === 'late' ? '期限是' : '到'}${words.until(found.at, now)}` };
}

/** Actions that set the limit of a case anew. */
const EXTENDING = ['ask_extension', 'grant_extension'];

/** The limit that is to be set anew, in words. @param {any} one @param {string} action @param {number} now */
function present(one, action, now) {
  if (EXTENDING.indexOf(action) < 0 || !one.due_at) return '';
  return `现在的期限是${words.until(one.due_at, now)}，${words.due(one.due_at, now).words}。新的期限要比它晚。`;
}

/** What a person saw of a case: changes are told from there on. @param {any} one */
function seen(one) {
  const last = one.timeline[one.timeline.length - 1];
  return { version: one.version, seq: last ? last.seq : 0, label: one.status_label };
}

/**
 * What happened since, in words, the earliest first.
 * @param {any} before as of `seen` @param {any} one the case now @param {number} now
 */
function changes(before, one, now) {
  const steps = one.timeline.filter((event) => event.seq > before.seq).map((event) => step(event, now));
  const moved = before.label && before.label !== one.status_label ? `${before.label} → ${one.status_label}` : '';
  return { steps, moved };
}

/** An event of the timeline as shown. @param {any} event @param {number} now */
function step(event, now) {
  const texts = event.texts || {};
  const taken = (event.photos || []).filter((photo) => photo.role !== 'report');
  return {
    seq: event.seq,
    label: event.label,
    who: event.who,
    when: words.when(event.at, now),
    given: event.given || [],
    texts: Object.keys(texts).filter((name) => texts[name] && REPORTED.indexOf(name) < 0).map((name) => ({ name, text: texts[name] })),
    photos: taken.map((photo) => photo.id),
    unproven: taken.some((photo) => photo.unproven),
  };
}

module.exports = {
  kindOf, asksChoices, withChoices, shape, either, entered, missing, bodyOf, photosOf, faultsOf, faultsAfter, listed,
  before, claims, closeWhen, limit, present, seen, changes, step,
};
