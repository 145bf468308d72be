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
const { flat, isAsking, photosOf, unusable } = require('./item');
const { pauseBefore, isDue, verdict, TRUSTED_FOR, UNSURE } = require('./sending');

/** So many that were sent are remembered. */
const REMEMBERED = 50;

/** @typedef {import('./item').Item} Item */

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

  /** Keeps it; where there is no room, until the mini program ends. @param {Item} item */
  function save(item) {
    const now = { ...item, kept: true };
    if (!store.hold(now.id, now)) now.kept = item.kept;
    return now;
  }

  /** @param {Item} item */
  function write(item) {
    const now = save(item);
    changed.tell(now);
    return now;
  }

  /** @returns {Item[]} the oldest first */
  function list() {
    return store
      .names()
      .map(get)
      .filter(Boolean)
      .sort((a, b) => a.seq - b.seq);
  }

  /** Of each lane what is not sent yet and stands first: the rest waits for it. */
  function first() {
    const lanes = new Map();
    list().forEach((one) => {
      if (one.state !== 'sent' && !lanes.has(one.lane)) lanes.set(one.lane, one);
    });
    return Array.from(lanes.values());
  }

  const owner = () => (session.account() || { id: '' }).id;

  /**
   * Writes down what is to be sent, in place of one with the same id that a person was asked about.
   * One that is on its way, or may have arrived, stays as it is: the same key must not go with
   * another body. Where there is no room it is sent all the same, and is not `kept`.
   * @param {any} given kind, lane, path, body, photos, title; id?, note?
   * @returns {Item}
   */
  function add(given) {
    const id = given.id || phone.newId();
    const known = get(id);
    if (known && !isAsking(known) && (known.state !== 'waiting' || known.asked)) return known;
    return write({
      photos: {},
      note: {},
      ...given,
      id,
      account: owner(),
      seq: known ? known.seq : 1 + Math.max(0, ...list().map((one) => one.seq)),
      made_at: known ? known.made_at : phone.now(),
      kept: false,
      state: 'waiting',
      tries: 0,
      asked: undefined,
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
      const due = item.state === 'waiting' && isDue(item, phone.now());
      const after = due ? await send(item) : item;
      if (after.state !== 'sent') blocked.add(item.lane);
      if (due && after.problem && after.problem.status === 0) return;
    }
  }

  /** @param {Item} item @returns {Promise<Item>} */
  async function send(item) {
    let now = item;
    let posted = false;
    try {
      now = write({ ...now, state: 'sending', problem: undefined });
      await session.token();
      now = save({ ...now, account: now.account || owner() });
      session.mustBe(now.account);
      const early = await found(now);
      if (early) return done(now, early);
      now = await asking(now);
      posted = true;
      const { body } = /** @type {any} */ (now.asked);
      return done(now, await api.post(now.path, body, now.id, now.account));
    } catch (thrown) {
      return failed(now, asProblem(thrown), item, posted);
    }
  }

  /** The item with what goes out. Whether it went out is known after a kill as well. */
  async function asking(item) {
    const asked = item.asked || { body: await filled(item), at: item.kind === 'action' ? 0 : await api.time() };
    const now = { ...item, asked };
    if (!item.kept) return save(now);
    store.put(now.id, now);
    return now;
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
    if (!item.asked || item.kind === 'action') return null;
    const { at } = item.asked;
    if (at && (await api.time(true)) - at < TRUSTED_FOR) return null;
    const look = recover[item.kind];
    if (look) return look(item, api, arrived());
    throw new Problem(UNSURE);
  }

  /** Listeners hear the answer whole; of a report's its receipt is kept. */
  function done(item, answer) {
    const { id, case_number, status, receipt } = answer || {};
    const receipted = item.kind === 'report' ? { id, case_number, status, receipt } : {};
    const sent = save({ ...item, body: {}, asked: undefined, seen: false, state: 'sent', answer: receipted, sent_at: phone.now(), problem: undefined });
    photosOf(item).forEach(photos.discard);
    changed.tell({ ...sent, answer: answer || {} });
    return sent;
  }

  /** @param {Item} item @param {any} problem @param {Item} before @param {boolean} posted */
  function failed(item, problem, before, posted) {
    const { again: atOnce, ...next } = verdict(item, problem, before, posted);
    if (atOnce) unusable(item, problem).forEach(photos.forgetUpload);
    if (atOnce) again = true;
    const pause = next.state === 'waiting' && !atOnce ? pauseBefore(next.tries, problem) : 0;
    return write({ ...item, problem: problem.plain(), ...next, not_before: phone.now() + pause, pause });
  }

  function plan() {
    if (timer !== null) phone.cancel(timer);
    timer = null;
    const now = phone.now();
    const waits = first().filter((one) => one.state === 'waiting').map((one) => (isDue(one, now) ? 0 : one.not_before - now));
    if (waits.length === 0) return;
    timer = phone.after(Math.max(1000, Math.min(...waits)), () => flush());
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
      return !!item && (item.state === 'sent' || (item.kept && !isAsking(item)));
    },
    /** A person read that a report arrived; without an id: that all did. @param {string} [id] */
    markSeen(id) {
      list()
        .filter((item) => item.kind === 'report' && item.state === 'sent' && !item.seen && (!id || item.id === id))
        .forEach((item) => write({ ...item, seen: true }));
    },
    /** After a start: what a kill left in between, and what is long done. */
    restart() {
      list().filter((item) => item.state === 'sending').forEach((item) => write({ ...item, state: 'waiting', not_before: 0 }));
      const sent = list().filter((item) => item.state === 'sent');
      sent.slice(0, Math.max(0, sent.length - REMEMBERED)).forEach((item) => store.drop(item.id));
    },
    /**
     * Network came back: pauses are over but those that the server asked for, what was refused stays
     * so. What was another's is sent when they are back.
     */
    wake() {
      list().forEach((item) => {
        const { type = '', status = 0 } = item.problem || {};
        const back = type === 'other-account' && item.account === owner();
        if (back || (item.state === 'waiting' && status !== 429)) write({ ...item, state: 'waiting', not_before: 0 });
      });
      return flush();
    },
    /** A person wants it sent, now, with changes of the body where they were asked for some. */
    retry(id, changes = {}) {
      const item = get(id);
      if (!item || item.state === 'sending' || item.state === 'sent') return flush();
      const decided = isAsking(item) ? { asked: undefined, account: owner(), body: { ...item.body, ...changes } } : {};
      write({ ...item, ...decided, state: 'waiting', not_before: 0 });
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

module.exports = { makeOutbox };
