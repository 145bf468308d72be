/** A resident's reports: what is sent, how they read, what one may still do. */
const words = require('./words');
const { distance } = require('./place');
const { isAsking } = require('./item');
const { saidOf } = require('./problem');

/** Two reports of the same words within so many metres are one. */
const SAME_PLACE_M = 5;
/** The server's clocks may differ by that much, ms. */
const SLACK = 30 * 60 * 1000;

/**
 * The body of a report, without its photos. Who says nothing says the category's name.
 * @param {any} draft @param {any} category
 */
function bodyOf(draft, category) {
  const body = {
    description: (draft.words || '').trim() || (category ? category.name : ''),
    location: draft.place,
  };
  if (category) body.category = category.code;
  if (draft.address) body.address = draft.address.slice(0, 200);
  if (draft.anonymous) body.anonymous = true;
  if ((draft.phone || '').trim() && !draft.anonymous) body.contact_phone = draft.phone.trim();
  if (draft.join) body.join_case = draft.join;
  const attributes = answers(draft.attributes || {}, category);
  if (Object.keys(attributes).length) body.attributes = attributes;
  return body;
}

/** Answers to what this category asks; those to another one's questions stay behind. */
function answers(given, category) {
  const found = {};
  ((category && category.fields) || []).forEach((field) => {
    const value = given[field.code];
    if (value !== undefined && value !== '' && value.length !== 0) found[field.code] = value;
  });
  return found;
}

/** What is missing before it can be sent, by part of the page; empty: nothing. */
function missing(draft, category, photos) {
  const faults = {};
  const least = category && !draft.join ? category.min_photos : 0;
  if (photos.length < least) faults.photos = `“${category.name}”至少要 ${least} 张照片。没有照片就选“说不清”，写两句`;
  if (!draft.place) faults.place = '请选位置';
  if (!category && !draft.unsure) faults.category = '请选是什么问题，不确定就点“说不清”';
  if (!category && !(draft.words || '').trim()) faults.words = '请说说是什么问题';
  ((category && category.fields) || []).forEach((field) => {
    const value = (draft.attributes || {})[field.code];
    if (field.required && !draft.join && (!value || value.length === 0)) faults[field.code] = `请填写“${field.description}”`;
  });
  return faults;
}

/** A problem's faults, by part of the page. @param {any} problem as kept */
function faultsOf(problem) {
  const parts = { category: 'category', location: 'place', address: 'place', description: 'words', photo_ids: 'photos', contact_phone: 'phone', join_case: 'join' };
  const faults = {};
  (problem.faults || []).forEach((one) => {
    const [, first, second] = one.pointer.split('/');
    const name = first === 'attributes' ? second : parts[first];
    if (name && !faults[name]) faults[name] = one.message;
  });
  if (problem.type === 'outside-service-area') faults.place = problem.message;
  return faults;
}

/**
 * Looks whether a report reached the server after all; its receipt or null. It is told by its words,
 * its own place, its photos, and when it came in; those that this phone knows of are not it.
 * @param {any} item @param {any} api @param {string[]} known
 */
async function recoverReport(item, api, known) {
  const { at, body } = item.asked;
  const { items } = await api.get('/api/v1/reports', { limit: 50 });
  const alike = items.filter((one) => known.indexOf(one.id) < 0 && one.description === body.description && Date.parse(one.submitted_at) >= at - SLACK);
  for (const { id, case_number, status, receipt } of alike) {
    const { location, photos } = await api.get(`/api/v1/reports/${id}`);
    const taken = photos.filter((one) => one.role === 'report').map((one) => one.id);
    if (near(location, body.location) && sameSet(taken, body.photo_ids || [])) return { id, case_number, status, receipt };
  }
  return null;
}

function near(pairs, given) {
  const pair = pairs[given.coord_type];
  return !pair || distance(pair, given) <= SAME_PLACE_M;
}

function sameSet(some, others) {
  return some.length === others.length && some.every((one) => others.indexOf(one) >= 0);
}

/** A report of the list, as shown. @param {any} report @param {number} now */
function row(report, now) {
  const { words: said, tone } = words.status(report.withdrawn ? 'withdrawn' : report.status, report.status_label);
  return {
    id: report.id,
    number: report.case_number,
    category: report.category_name || '待定类别',
    description: report.description || '',
    label: report.withdrawn ? '已撤回' : report.status_label,
    words: said,
    tone,
    when: words.when(report.submitted_at, now),
  };
}

/** Photos before and after. @param {any[]} photos */
function sides(photos) {
  return {
    before: photos.filter((one) => one.role === 'report' || one.role === 'supplement').map((one) => one.id),
    after: photos.filter((one) => one.role === 'after' || one.role === 'check').map((one) => one.id),
  };
}

/** Nothing pretends to be kept. */
const UNKEPT = '手机存满了，没能存下。发出之前请别关掉小程序';

const STATE_WORDS = {
  waiting: '等待发送',
  sending: '正在发送',
  refused: '没有发出，需要修改',
  attention: '没有发出，请看一下',
  sent: '已送达',
};

/** Where it is not said that it was not sent. */
const ATTENTION_WORDS = { unsure: '不确定是否送达', 'idempotency-conflict': '先前那一份已送达' };

/** What tells it from others of the same title: of a report its own words; of which case or report it is, and where. @param {any} item */
function tellingOf({ kind, note = {} }) {
  const { draft, category, number, place } = note;
  return {
    own: kind === 'report' && draft ? (draft.words || '').trim() : '',
    which: [category, number || note.case, place].filter(Boolean).join(' · '),
  };
}

/** A report that arrived while nobody looked, as shown. @param {any} item @param {number} now */
function arrivedRow(item, now) {
  return {
    id: item.id,
    title: item.title,
    ...tellingOf(item),
    state: 'sent',
    label: STATE_WORDS.sent,
    words: item.answer.case_number,
    when: words.when(item.sent_at, now),
    asks: false,
    url: `/pages/report/detail?id=${item.answer.id}`,
  };
}

/**
 * The item whose problem keeps this one from being sent: one before it in its lane, itself, or any
 * that found no connection.
 * @param {any} item @param {any[]} open what is not sent
 */
function heldBy(item, open) {
  const before = open.filter((one) => one.lane === item.lane && one.seq < item.seq);
  const unheard = open.filter((one) => one.state === 'waiting' && one.problem && one.problem.status === 0);
  return [...before, item, ...unheard].find((one) => one.problem);
}

/** Why it waits, and that it goes by itself; '' where it is about to. @param {any} by what holds it @param {number} now */
function reason(by, now) {
  if (!by) return '';
  const { status, message } = by.problem;
  if (status === 0) return '现在连不上，连上后自动发出';
  if (status === 429) return `${message.split('，')[0]}，约 ${words.span(by.not_before - now)}后自动发出`;
  return status === 1 ? message : '系统暂时没有应答，会自动再发';
}

/**
 * What waits on this phone, as shown.
 * @param {any} item @param {number} now @param {any[]} open what is not sent, the oldest first
 */
function waitingRow(item, now, open) {
  const { problem = {} } = item;
  const { page } = item.note || { page: '' };
  const asks = isAsking(item);
  const asked = saidOf(problem.faults || []) || problem.message || '';
  const by = item.state === 'waiting' ? heldBy(item, open) : null;
  const blocked = !!by && isAsking(by);
  const waits = blocked ? '前面一步没发出，处理后自动发出' : reason(by, now);
  return {
    id: item.id,
    title: item.title,
    ...tellingOf(item),
    state: item.state,
    kept: item.kept,
    label: (item.state === 'attention' && ATTENTION_WORDS[problem.type]) || STATE_WORDS[item.state],
    url: asks && page ? `${page}?item=${item.id}` : `/pages/report/waiting?id=${item.id}`,
    words: asks ? asked : item.kept ? waits : UNKEPT,
    when: words.when(item.made_at, now),
    asks,
    blocked,
  };
}

module.exports = { bodyOf, missing, faultsOf, recoverReport, row, sides, waitingRow, arrivedRow };
