/**
 * A phone, a network and a server, made of nothing: what the core is tested in. The server keeps
 * answers by key and takes each photo into one report, as the real one does. A phone can be killed
 * at any step: from then on nothing that it does has any effect, and no promise of it settles.
 */
const { makeStore } = require('../lib/store');
const { makePhotos } = require('../lib/photos');
const { makeOutbox } = require('../lib/outbox');
const { makeDrafts } = require('../lib/drafts');
const { recoverReport } = require('../lib/reports');
const { Problem } = require('../lib/problem');

const copy = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
const never = () => new Promise(() => {});
const HOUR = 3600 * 1000;

class Server {
  constructor() {
    this.reports = [];
    this.calls = [];
    this.posts = 0;
    this.uploads = new Map();
    this.kept = new Map();
    /** What the next posts are answered instead: problems, or 'lost' (taken, answer lost). */
    this.next = [];
    this.nextUploads = [];
    this.moved = {};
  }

  upload(account, now) {
    const planned = this.nextUploads.shift();
    if (planned) throw planned;
    const id = `p${this.uploads.size + 1}`;
    this.uploads.set(id, { account, at: now, used: false });
    return { id };
  }

  forget(photoId) {
    this.uploads.delete(photoId);
  }

  post(account, path, body, key, now) {
    this.posts += 1;
    const planned = this.next.shift();
    if (planned instanceof Problem) throw planned;
    const answer = this.answer(account, path, body, key, now);
    if (planned === 'lost') throw offline();
    return answer;
  }

  answer(account, path, body, key, now) {
    const name = `${account} ${path} ${key}`;
    const known = this.kept.get(name);
    if (known && now - known.at < 24 * HOUR) {
      if (known.body !== JSON.stringify(body)) throw refusal(422, 'idempotency-conflict');
      return copy(known.answer);
    }
    const answer = path === '/api/v1/reports' ? this.report(account, body, now) : this.call(account, path, body);
    this.kept.set(name, { at: now, body: JSON.stringify(body), answer: copy(answer) });
    return answer;
  }

  report(account, body, now) {
    const bad = (body.photo_ids || []).map((id, at) => ({ id, at })).filter(({ id }) => {
      const found = this.uploads.get(id);
      return !found || found.used || found.account !== account;
    });
    if (bad.length) {
      throw refusal(422, 'photo-unusable', bad.map(({ at }) => ({ pointer: `/photo_ids/${at}`, message: '不能使用' })));
    }
    (body.photo_ids || []).forEach((id) => {
      this.uploads.get(id).used = true;
    });
    const made = { id: String(this.reports.length + 1), case_number: `HY${this.reports.length + 1}`, status: 'assigned', receipt: 'ab' };
    this.reports.push({ ...made, account, description: body.description, photo_ids: body.photo_ids || [], submitted_at: new Date(now).toISOString(), location: { gcj02: body.location } });
    return made;
  }

  call(account, path, body) {
    this.calls.push({ account, path, body });
    return { ok: true };
  }
}

const offline = () => new Problem({ type: 'offline', message: '没有网络' });

function refusal(status, type, faults = [], retryAfter = 0) {
  return new Problem({ status, type, message: type, faults, retryAfter });
}

/** What stays when the mini program is killed: storage, files, the clock. */
class Phone {
  constructor(server) {
    this.server = server;
    this.data = new Map();
    this.paths = new Set();
    this.clock = Date.parse('2026-11-23T08:00:00Z');
    this.account = 'anna';
    this.online = true;
    this.room = Infinity;
    this.ids = 0;
  }

  /** Starts the mini program; `killAt` kills it before its n-th step. */
  start(killAt = Infinity) {
    const life = new Life(this, killAt);
    life.restart();
    return life;
  }
}

class Life {
  constructor(phone, killAt) {
    this.steps = 0;
    this.killAt = killAt;
    this.timers = [];
    const alive = () => {
      if (this.steps >= this.killAt) return false;
      this.steps += 1;
      return this.steps < this.killAt;
    };
    const storage = {
      read: (key) => copy(phone.data.get(key)),
      write(key, value) {
        if (!alive()) return;
        if (!phone.data.has(key) && phone.data.size >= phone.room) throw new Error('full');
        phone.data.set(key, copy(value));
      },
      remove(key) {
        if (alive()) phone.data.delete(key);
      },
      keys: () => Array.from(phone.data.keys()),
    };
    const ask = async (what) => {
      if (!alive()) return never();
      await null;
      if (!phone.online) throw offline();
      let answer;
      let thrown;
      try {
        answer = what();
      } catch (why) {
        thrown = why;
      }
      if (!alive()) return never();
      if (thrown) throw thrown;
      return answer;
    };
    const { server } = phone;
    const api = {
      upload: () => ask(() => server.upload(phone.account, phone.clock)),
      post: (path, body, key) => ask(() => server.post(phone.account, path, copy(body), key, phone.clock)),
      get: () => ask(() => ({ items: server.reports.filter((one) => one.account === phone.account).map(copy).reverse() })),
    };
    const edges = {
      now: () => phone.clock,
      newId: () => `id${(phone.ids += 1)}`,
      after: (ms, what) => this.timers.push({ ms, what }),
      cancel: () => this.timers.pop(),
      files: {
        async keep(from, name) {
          if (!alive()) return never();
          if (phone.filesFull) throw new Error('full');
          phone.paths.add(`kept/${name}`);
          return `kept/${name}`;
        },
        remove(path) {
          if (alive()) phone.paths.delete(path);
        },
        list: () => Array.from(phone.paths),
      },
    };
    const session = { account: () => (phone.account ? { id: phone.account } : null) };
    this.photos = makePhotos({ phone: edges, api, session, store: makeStore(storage, 'photo:') });
    this.outbox = makeOutbox({ phone: edges, api, session, photos: this.photos, store: makeStore(storage, 'out:'), recover: { report: recoverReport } });
    this.drafts = makeDrafts({ store: makeStore(storage, 'draft:'), newId: edges.newId });
  }

  get dead() {
    return this.steps >= this.killAt;
  }

  restart() {
    this.outbox.restart();
    this.drafts.dropSent(this.outbox.holds);
    this.photos.sweep(this.outbox.photos().concat(this.drafts.photos()));
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

  /** As the report page does: photos, draft, outbox, draft away, send. */
  async write(words, photoCount) {
    const draft = this.drafts.open('report');
    draft.words = words;
    for (let n = 0; n < photoCount; n += 1) {
      const photo = await this.photos.add(`tmp/${n}`, {});
      draft.photos.push(photo.id);
      this.drafts.save('report', draft);
    }
    this.drafts.save('report', draft);
  }

  submit() {
    const draft = this.drafts.open('report');
    this.outbox.add(reportItem(draft));
    this.drafts.drop('report');
  }
}

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
