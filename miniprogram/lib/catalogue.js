/** The catalogue: kept on the phone, searched in residents' own words. */
const PICTURES = require('./pictures');

/** Groups with a picture of their own in images/group. */
const PICTURED = ['environment', 'advertising', 'street', 'works', 'facility', 'community', 'market', 'conduct', 'emergency', 'other'];
const FILLERS = /[\s，。、！？,.!?“”"'（）()]|有人|了一?|很多|一个|那里|这里|我家|我们/g;

/** @param {string} text */
function plain(text) {
  return (text || '').toLowerCase().replace(FILLERS, '').replace(/没有|没|未/g, '不');
}

/** Pairs of neighbouring characters: what two ways of saying a thing share. @param {string} text */
function pairs(text) {
  const found = new Set();
  for (let at = 0; at + 1 < text.length; at += 1) found.add(text.slice(at, at + 2));
  return found;
}

/** How well a phrase fits what was typed, 0 to 1. */
function likeness(typed, phrase) {
  if (!typed || !phrase) return 0;
  if (typed === phrase) return 1;
  if (phrase.indexOf(typed) >= 0) return 0.9;
  if (phrase.length > 1 && typed.indexOf(phrase) >= 0) return 0.85;
  const mine = pairs(typed);
  const other = pairs(phrase);
  if (mine.size === 0 || other.size === 0) return 0;
  let shared = 0;
  mine.forEach((one) => {
    if (other.has(one)) shared += 1;
  });
  const byPairs = shared / Math.min(mine.size, other.size);
  const letters = new Set(phrase);
  const same = Array.from(new Set(typed)).filter((one) => letters.has(one)).length;
  const byLetters = same / new Set(typed + phrase).size;
  return 0.6 * byPairs + 0.2 * byLetters;
}

/** Where likeness begins to mean something. */
const FITS = 0.35;
/** How much rare characters count beside whole phrases. */
const RARE = 0.35;

/** @type {WeakMap<object, Map<string, number>>} */
const rarities = new WeakMap();

/** In how many categories' phrases each character stands. */
function counts(catalogue) {
  if (!rarities.has(catalogue)) {
    const found = new Map();
    all(catalogue).forEach((one) => lettersOf(one).forEach((letter) => found.set(letter, (found.get(letter) || 0) + 1)));
    rarities.set(catalogue, found);
  }
  return /** @type {Map<string, number>} */ (rarities.get(catalogue));
}

const lettersOf = (one) => new Set(plain(one.name + one.aliases.join('')));

/** How much of what was typed stands in a category's phrases; 坑 says more than 路. */
function rareness(typed, one, count) {
  const letters = lettersOf(one);
  let shared = 0;
  let whole = 0;
  new Set(typed).forEach((letter) => {
    const weight = 1 / (count.get(letter) || 1);
    whole += weight;
    if (letters.has(letter)) shared += weight;
  });
  return whole ? shared / whole : 0;
}

/**
 * Categories that fit what a resident typed, the best first.
 * @param {any} catalogue as the server gives it @param {string} text @param {number} [most]
 */
function search(catalogue, text, most = 8) {
  const typed = plain(text);
  if (!typed) return [];
  const count = counts(catalogue);
  return all(catalogue)
    .map((one) => {
      const byName = likeness(typed, plain(one.name));
      const byAlias = Math.max(0, ...one.aliases.map((alias) => likeness(typed, plain(alias))));
      return { one, score: Math.max(byName * 1.05, byAlias) + RARE * rareness(typed, one, count) };
    })
    .filter((found) => found.score >= FITS)
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map((found) => found.one);
}

/** Every category with its group's code and picture. @param {any} catalogue */
function all(catalogue) {
  return catalogue.groups.reduce(
    (found, group) => found.concat(group.categories.map((one) => ({ ...one, group: group.code, picture: picture(group.code, one.code) }))),
    [],
  );
}

/** @param {any} catalogue @param {string | null | undefined} code */
function byCode(catalogue, code) {
  return code ? all(catalogue).find((one) => one.code === code) || null : null;
}

/** @param {string} group @param {string} [category] */
function picture(group, category) {
  if (category && PICTURES.indexOf(category) >= 0) return `/images/category/${category}.svg`;
  return `/images/group/${PICTURED.indexOf(group) >= 0 ? group : 'other'}.svg`;
}

/** Said where somebody is in danger. Fires and the injured are in no catalogue of a city's defects. */
const DANGER = /起火|着火|失火|大火|浓烟|冒烟|爆炸|漏气|煤气味|燃气味|触电|漏电|坍塌|倒塌|落水|溺水|受伤|流血|昏倒|晕倒|被困|救命/;

/** @param {string} text what a resident wrote */
const soundsDangerous = (text) => DANGER.test(text);

/**
 * Whom an emergency says to call first: 119 消防 → a button; who has no number there is looked for
 * in `numbers`, else the hotline puts through.
 * @param {string[]} told @param {Object<string, string>} numbers @param {string} hotline
 */
function calls(told, numbers, hotline) {
  return told.map((text) => {
    const found = /^([0-9]{3,12}(?:-[0-9]+)?)\s*(.*)$/.exec(text.trim());
    if (found) return { number: found[1], name: found[2] || '拨打', through: false };
    const named = Object.keys(numbers).find((part) => text.indexOf(part) >= 0);
    if (named) return { number: numbers[named], name: text, through: false };
    return { number: hotline, name: text, through: true };
  });
}

/**
 * The catalogue, the kept one at once where there is no network.
 * @param {object} edges @param {any} edges.store @param {any} edges.api
 */
function makeCatalogue({ store, api }) {
  let fresh = null;
  return {
    /** @returns {Promise<any>} */
    async load() {
      if (fresh) return fresh;
      const kept = store.get('catalogue');
      try {
        const answer = await api.call('GET', '/api/v1/catalogue', { open: true, tag: kept ? kept.tag : '' });
        fresh = answer.data || kept.data;
        if (answer.data) keep(store, answer);
      } catch (thrown) {
        if (!kept) throw thrown;
        return kept.data;
      }
      return fresh;
    },
    /** What is on the phone, or null. */
    kept() {
      const kept = store.get('catalogue');
      return fresh || (kept ? kept.data : null);
    },
  };
}

function keep(store, answer) {
  try {
    store.put('catalogue', { data: answer.data, tag: answer.tag || '' });
  } catch (_) {
    // Without room it is read from the server each time.
  }
}

module.exports = { makeCatalogue, soundsDangerous, search, all, byCode, picture, calls };
