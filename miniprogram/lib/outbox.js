/**
 * What is to be sent: written on the phone before it is sent, and sent with the same key however
 * often it takes. docs: README.md, "Sending".
 *
 * waiting → sending → sent · waiting (no answer; again later) · refused (the content must be
 * changed) · attention (something changed meanwhile; a person decides). A kill leaves `sending`,
 * which is `waiting` at the next start.
 */
const { asProblem, Problem } = require('./problem');
const { makeListeners } = require('./listeners');
const { pauseBefore, verdict, TRUSTED_FOR } = require('./sending');

/** What was sent is remembered for so long, ms. */
const REMEMBERED = 7 * 24 * 3600 * 1000;

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
 * @property {number} made_at
 * @property {'waiting' | 'sending' | 'refused' | 'attention' | 'sent'} state
 * @property {number} tries without an answer
 * @property {number} [asked_at] of the first try whose outcome is unknown
 * @property {number} not_before
 * @property {any} [problem]
 * @property {any} [answer]
 * @property {number} [sent_at]
 * @property {boolean} [seen] that it arrived
 */

/**
 * @param {object} edges
 * @param {any} edges.store
 * @param {any} edges.api
 * @param {any} edges.photos
 * @param {any} edges.session
 * @param {any} edges.phone now(), newId(), after(ms, what), cancel(timer)
 * @param {Object<string, (item: Item, api: any, known: string[]) => Promise<any>>} [edges.recover] by
 *   kind: looks whether an item reached the server after all, as none of the known ones; its answer
 *   or null
 */
function makeOutbox({ store, api, photos, session, phone, recover = {} }) {
  const changed = makeListeners();
  /** @type {Promise<void> | null} */
  let running = null;
  let again = false;
  let timer = null;

  /** @param {string} id @returns {Item | undefined} */
  const get = (id) => store.get(id);

  function write(item) {
    store.put(item.id, item);
    changed.tell(item);
    return item;
  }

  /** @returns {Item[]} the oldest first */
  function list() {
    return store
      .names()
      .map(get)
      .filter(Boolean)
      .sort((a, b) => a.made_at - b.made_at || (a.id < b.id ? -1 : 1));
  }

  const owner = () => (session.account() || { id: '' }).id;

  /**
   * Writes down what is to be sent, in place of a refused one with the same id. One that may have
   * reached the server stays as it is: the same key must not go with another body.
   * @param {any} given kind, lane, path, body, photos, title; id?, note?
   * @throws {StorageFull}
   */
  function add(given) {
    const id = given.id || phone.newId();
    const known = get(id);
    if (known && (known.asked_at || known.state === 'sending' || known.state === 'sent')) return known;
    return write({
      photos: {},
      note: {},
      ...given,
      id,
      account: owner(),
      made_at: known ? known.made_at : phone.now(),
      state: 'waiting',
      tries: 0,
      not_before: 0,
    });
  }

  /** Sends what is due. A second call while one runs makes that one look once more. */
  function flush() {
    again = true;
    if (running === null) {
      running = rounds().finally(() => {
        running = null;
      });
    }
    return running;
  }

  async function rounds() {
    while (again) {
      again = false;
      await round();
    }
    plan();
  }

  async function round() {
    const blocked = new Set();
    for (const { id } of list()) {
      const item = get(id);
      if (!item || item.state === 'sent' || blocked.has(item.lane)) continue;
      const due = item.state === 'waiting' && item.not_before <= phone.now();
      const after = due ? await send(item) : item;
      if (after.state !== 'sent') blocked.add(item.lane);
      if (due && after.problem && after.problem.status === 0) return;
    }
  }

  /** @param {Item} item @returns {Promise<Item>} */
  async function send(item) {
    let now = item;
    try {
      now = write({ ...now, state: 'sending', problem: undefined });
      checkOwner(now);
      const answer = (await found(now)) || (await post(now, await filled(now)));
      return done(get(item.id) || now, answer);
    } catch (thrown) {
      return failed(get(item.id) || now, asProblem(thrown));
    }
  }

  /** What one person entered is not sent as another. @param {Item} item */
  function checkOwner(item) {
    if (item.account && owner() && item.account !== owner()) {
      throw new Problem({ status: 409, type: 'other-account', message: '这是用另一个身份填写的，请确认后再发' });
    }
  }

  async function filled(item) {
    const body = { ...item.body };
    for (const field of Object.keys(item.photos)) {
      const ids = [];
      for (const id of item.photos[field]) ids.push(await photos.upload(id));
      body[field] = ids;
    }
    return body;
  }

  /** Ids at the server of what this phone knows to have arrived. */
  function arrived() {
    return list().filter((one) => one.answer && one.answer.id).map((one) => one.answer.id);
  }

  /** The answer of an earlier try, where the server may have forgotten its key. */
  async function found(item) {
    if (!item.asked_at || phone.now() - item.asked_at < TRUSTED_FOR || item.kind === 'action') return null;
    const look = recover[item.kind];
    if (look) return look(item, api, arrived());
    throw new Problem({ status: 409, type: 'unsure', message: '不确定上次是否已送达，请先看进展，再决定是否重发' });
  }

  async function post(item, body) {
    const asked = write({ ...item, asked_at: item.asked_at || phone.now() });
    return api.post(asked.path, body, asked.id);
  }

  function done(item, answer) {
    const sent = write({ ...item, body: {}, seen: false, state: 'sent', answer: answer || {}, sent_at: phone.now(), problem: undefined });
    photosOf(item).forEach(photos.discard);
    return sent;
  }

  function failed(item, problem) {
    const { again: atOnce, ...next } = verdict(item, problem);
    if (atOnce) unusable(item, problem).forEach(photos.forgetUpload);
    if (atOnce) again = true;
    const wait = next.state === 'waiting' && !atOnce ? pauseBefore(next.tries, problem) : 0;
    const after = { ...item, ...next, problem: problem.plain(), not_before: phone.now() + wait };
    try {
      return write(after);
    } catch (_) {
      return after;
    }
  }

  function plan() {
    if (timer !== null) phone.cancel(timer);
    timer = null;
    const times = list().filter((one) => one.state === 'waiting').map((one) => one.not_before);
    if (times.length === 0) return;
    const wait = Math.max(1000, Math.min(...times) - phone.now());
    timer = phone.after(wait, () => flush());
  }

  return {
    add,
    flush,
    get,
    list,
    /** What is not sent yet, the oldest first. */
    open: () => list().filter((one) => one.state !== 'sent'),
    /** Whether it is taken care of here: a draft with that id is no more needed. */
    holds(id) {
      const item = get(id);
      return !!item && ['waiting', 'sending', 'sent'].indexOf(item.state) >= 0;
    },
    /** A person read that a report arrived; without an id: that all did. @param {string} [id] */
    markSeen(id) {
      list()
        .filter((item) => item.kind === 'report' && item.state === 'sent' && !item.seen && (!id || item.id === id))
        .forEach((item) => write({ ...item, seen: true }));
    },
    /** After a start: what a kill left in between, and what is long done. */
    restart() {
      list().forEach((item) => {
        if (item.state === 'sending') write({ ...item, state: 'waiting', not_before: 0 });
        if (item.state === 'sent') photosOf(item).forEach(photos.discard);
        if (item.state === 'sent' && phone.now() - (item.sent_at || 0) > REMEMBERED) store.drop(item.id);
      });
    },
    /** Network came back: pauses are over, what was refused stays so. */
    wake() {
      list().forEach((item) => {
        if (item.state === 'waiting' && !(item.problem && item.problem.status === 429)) write({ ...item, not_before: 0 });
      });
      return flush();
    },
    /** A person wants it sent as it is, now; with changes of the body where given. */
    retry(id, changes = {}) {
      const item = get(id);
      if (!item || item.state === 'sending' || item.state === 'sent') return flush();
      const sure = item.problem && item.problem.type === 'unsure' ? { asked_at: undefined } : {};
      write({ ...item, ...sure, body: { ...item.body, ...changes }, account: owner(), state: 'waiting', not_before: 0 });
      return flush();
    },
    /** Forgets it, unless it is on its way just now. Whether it did. */
    discard(id) {
      const item = get(id);
      if (!item || item.state === 'sending') return false;
      store.drop(id);
      photosOf(item).forEach(photos.discard);
      changed.tell(item);
      return true;
    },
    /** Photos that are still needed. */
    photos: () => flat(list().filter((one) => one.state !== 'sent').map(photosOf)),
    onChange: changed.on,
  };
}

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

module.exports = { makeOutbox };
