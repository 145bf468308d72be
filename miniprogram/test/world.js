/**
 * A phone, a network and a server, made of nothing: what the core is tested in. The server keeps
 * answers by key and takes each photo into one report, as the real one does. A phone can be killed
 * at any step: from then on nothing that it does has any effect, and no promise of it settles.
 */
const { makeStore, yielding } = require('../lib/store');
const { makeSession } = require('../lib/session');
const { makeApi } = require('../lib/api');
const { makePhotos } = require('../lib/photos');
const { makeOutbox } = require('../lib/outbox');
const { makeDrafts } = require('../lib/drafts');
const { recoverReport } = require('../lib/reports');
const { Problem, photoLost } = require('../lib/problem');
const { Server, copy, offline, refusal, HOUR } = require('./service');

const never = () => new Promise(() => {});

/** What stays when the mini program is killed: storage, files, the clock, whose WeChat it is. */
class Phone {
  constructor(server) {
    this.server = server;
    this.data = new Map();
    this.paths = new Set();
    this.skew = 0;
    this.person = 'anna';
    this.online = true;
    this.room = Infinity;
    this.ids = 0;
    /** Chance: whether to die at a step, whether a write finds no room, what befalls a request. */
    this.dies = () => false;
    this.full = () => false;
    this.befalls = () => '';
  }

  get clock() {
    return this.server.time + this.skew;
  }

  /** Time passes, for all. */
  set clock(value) {
    this.server.time = value - this.skew;
  }

  /** Another identity from now on, as after binding: tokens are void. */
  set account(person) {
    this.person = person;
    this.server.tokens.clear();
  }

  /** Starts the mini program; `killAt` kills it before its n-th step. */
  start(killAt = Infinity) {
    return new Life(this, killAt).restart();
  }
}

class Life {
  constructor(phone, killAt) {
    this.phone = phone;
    this.steps = 0;
    this.killAt = killAt;
    this.timers = [];
    this.temporary = new Set();
    const { server } = phone;
    const edges = {
      now: () => phone.clock,
      newId: () => `id${(phone.ids += 1)}`,
      after: (ms, what) => this.timers.push({ ms, what }),
      cancel: () => this.timers.pop(),
      login: async () => {
        if (!this.alive()) return never();
        if (!phone.online || phone.befalls()) throw offline();
        return phone.person;
      },
      request: (options) => this.asked(() => server.handle(options)),
      upload: (what) => this.asked(() => (this.has(what.path) ? server.handle({ method: 'POST', ...what }) : reject(photoLost()))),
      files: this.files(),
    };
    const storage = this.storage();
    const stored = yielding(storage);
    this.settings = makeStore(storage, 'set:');
    const session = makeSession({ phone: edges, store: makeStore(stored, 'set:'), base: '' });
    const api = makeApi({ phone: edges, session, base: '' });
    this.session = session;
    this.api = api;
    this.photos = makePhotos({ phone: edges, api, session, store: makeStore(stored, 'photo:') });
    this.outbox = makeOutbox({ phone: edges, api, session, photos: this.photos, store: makeStore(stored, 'out:'), recover: { report: recoverReport } });
    this.drafts = makeDrafts({ store: makeStore(stored, 'draft:'), newId: edges.newId });
  }

  /** Takes a step, unless the phone dies before it. */
  alive() {
    if (this.dead) return false;
    this.steps += 1;
    if (this.phone.dies()) this.killAt = this.steps;
    return !this.dead;
  }

  get dead() {
    return this.steps >= this.killAt;
  }

  storage() {
    const { phone } = this;
    return {
      read: (key) => copy(phone.data.get(key)),
      write: (key, value) => {
        if (!this.alive()) return;
        if (phone.full() || (!phone.data.has(key) && phone.data.size >= phone.room)) throw new Error('full');
        phone.data.set(key, copy(value));
      },
      remove: (key) => {
        if (this.alive()) phone.data.delete(key);
      },
      keys: () => Array.from(phone.data.keys()),
    };
  }

  files() {
    const { phone } = this;
    return {
      keep: async (from, name) => {
        if (!this.alive()) return never();
        if (phone.filesFull || phone.full()) throw new Error('full');
        phone.paths.add(`kept/${name}`);
        return `kept/${name}`;
      },
      remove: (path) => {
        if (this.alive()) phone.paths.delete(path);
      },
      list: () => Array.from(phone.paths),
    };
  }

  has(path) {
    return this.phone.paths.has(path) || this.temporary.has(path);
  }

  /** A request over the network: what befalls it may come before the server took it, or after. */
  async asked(what) {
    const { phone } = this;
    if (!this.alive()) return never();
    await null;
    const fate = phone.befalls();
    if (!phone.online || fate === 'cut') throw offline();
    if (fate === 'revoked') phone.server.tokens.clear();
    if (fate instanceof Problem) return { status: fate.status, header: { 'retry-after': fate.retryAfter }, data: '' };
    let answer;
    let thrown;
    try {
      answer = what();
    } catch (why) {
      thrown = why;
    }
    if (!this.alive()) return never();
    await null;
    if (thrown) throw thrown;
    if (fate === 'lost') throw offline();
    if (fate === 'gateway') return { status: 502, header: {}, data: '' };
    return answer;
  }

  restart() {
    this.drafts.dropSent(this.outbox.holds);
    this.outbox.restart();
    this.outbox.onChange(() => this.drafts.dropSent(this.outbox.holds));
    this.photos.sweep(this.outbox.photos().concat(this.drafts.photos()));
    return this;
  }

  /** Waits until nothing moves any more: the promise, or the phone's death. */
  async settled(promise) {
    let over = false;
    const end = () => {
      over = true;
    };
    promise.then(end, end);
    for (let turn = 0; !over && turn < 500; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.dead) return;
    }
    if (!over) throw new Error('the phone hangs');
  }

  async shoot() {
    const path = `tmp/${(this.phone.ids += 1)}`;
    this.temporary.add(path);
    return (await this.photos.add(path, {})).id;
  }

  /** As the report page does: photos, draft. What finds no room stays on the page. */
  async write(words, photoCount) {
    const draft = this.drafts.open('report');
    draft.words = words;
    for (let n = 0; n < photoCount; n += 1) {
      draft.photos.push(await this.shoot());
      this.keep(draft);
    }
    this.keep(draft);
    return draft;
  }

  keep(draft) {
    try {
      this.drafts.save('report', draft);
    } catch (why) {
      if (why.name !== 'StorageFull') throw why;
    }
  }

  /** To the outbox, which sees to it that the draft goes. */
  submit(draft = this.drafts.open('report')) {
    return this.outbox.add(reportItem(draft));
  }
}

const reject = (why) => {
  throw why;
};

function reportItem(draft) {
  return {
    id: draft.id,
    kind: 'report',
    lane: `report:${draft.id}`,
    path: '/api/v1/reports',
    body: { description: draft.words, location: { longitude: 112.57, latitude: 26.9, coord_type: 'gcj02' } },
    photos: { photo_ids: draft.photos },
    title: draft.words,
  };
}

function callItem(report, what, body = {}) {
  return { kind: 'call', lane: `report:${report}`, path: `/api/v1/reports/${report}/${what}`, body, title: what };
}

function town() {
  const server = new Server();
  return { server, phone: new Phone(server) };
}

async function reported(life, words = '垃圾', photos = 1) {
  await life.write(words, photos);
  life.submit();
  const [item] = life.outbox.open();
  await life.outbox.flush();
  return item.id;
}

module.exports = { town, reported, refusal, offline, callItem, HOUR };
