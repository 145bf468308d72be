/**
 * Actions as forms, read off what the server offers: `actions` of a case with their `fields`,
 * `choices` and labels. Which action is allowed, and what fits a field, the server alone knows.
 */
const words = require('./words');

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
  return KINDS[field.name] || 'line';
}

/** So many choices stand as buttons; more are a list to pick from. */
const BUTTONS = 6;
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
      required: field.required,
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

/** Required fields that are empty. @param {any} action @param {any} draft */
function missing(action, draft) {
  const faults = {};
  action.fields.forEach((field) => {
    const kind = kindOf(field);
    const value = kind === 'photos' ? draft.photos : (draft.values || {})[field.name];
    if (!field.required || !blank(value)) return;
    faults[field.name] = [`${{ choice: '请选', list: '请选', category: '请选', place: '请选', moment: '请选', photos: '请拍' }[kind] || '请填'}“${field.label}”`];
  });
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
 * @param {any} problem as kept @param {any} action
 */
function faultsOf(problem, action) {
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

/** Fields whose choices the server names only when asked: units and people. @param {any} action */
function asksChoices(action) {
  return action.fields.some((field) => NAMED.indexOf(field.name) >= 0 && !field.choices);
}

/** @param {any} action @param {Object<string, any[]>} choices by field */
function withChoices(action, choices) {
  return { ...action, fields: action.fields.map((field) => (choices[field.name] && !field.choices ? { ...field, choices: choices[field.name] } : field)) };
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
    texts: Object.keys(texts).filter((name) => texts[name] && REPORTED.indexOf(name) < 0).map((name) => ({ name, text: texts[name] })),
    photos: taken.map((photo) => photo.id),
    unproven: taken.some((photo) => photo.unproven),
  };
}

module.exports = { kindOf, asksChoices, withChoices, shape, missing, bodyOf, photosOf, faultsOf, seen, changes, step };
