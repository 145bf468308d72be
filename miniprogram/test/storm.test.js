/**
 * Bad days, drawn by chance: what a person was told is kept is at the server once when all is over,
 * in the order of its lane, with its own photos. A seed that fails is run again by SEED=n.
 */
const test = require('node:test');
const assert = require('node:assert/strict');
const { town, refusal, callItem, HOUR } = require('./world');

const SEEDS = process.env.SEED ? [Number(process.env.SEED)] : Array.from({ length: Number(process.env.SEEDS) || 300 }, (_, n) => n + 1);
const STEPS = 40;
const MINUTE = 60 * 1000;
/** Few words, so that reports are alike. */
const WORDS = ['垃圾', '路灯', '井盖'];
const PEOPLE = ['anna', 'worker'];

/** Mulberry32: the same numbers for the same seed. */
function chance(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { next, upTo: (n) => Math.floor(next() * n), of: (list) => list[Math.floor(next() * list.length)] };
}

class Storm {
  constructor(seed) {
    this.draw = chance(seed);
    Object.assign(this, town());
    /** id → what a person was told is kept, and did not take back */
    this.told = new Map();
    /** all that went to the outbox, in its order */
    this.given = new Map();
    this.matched = new Set();
    this.texts = 0;
    this.weather();
    this.life = this.phone.start();
  }

  /** How bad it is for a while. */
  weather() {
    const { draw, phone } = this;
    const [cut, dies, full] = [draw.of([0, 0.2, 0.6]), draw.of([0, 0.01, 0.05]), draw.of([0, 0, 0.1, 0.6])];
    const fates = [...Array(4).fill('cut'), ...Array(4).fill('lost'), 'gateway', 'revoked', refusal(500, ''), refusal(429, '', [], 600)];
    phone.online = draw.next() > 0.15;
    phone.dies = () => draw.next() < dies;
    phone.full = () => draw.next() < full;
    phone.filesFull = draw.next() < 0.1;
    phone.befalls = () => {
      if (draw.next() < 0.1) this.server.time += draw.upTo(3 * MINUTE);
      return draw.next() < cut ? draw.of(fates) : '';
    };
  }

  calm() {
    const { phone } = this;
    phone.online = true;
    phone.filesFull = false;
    phone.dies = phone.full = () => false;
    phone.befalls = () => '';
  }

  async step() {
    const { draw, phone, server } = this;
    const acts = [
      ...Array(6).fill(() => this.report()),
      ...Array(4).fill(() => this.call()),
      ...Array(4).fill(() => this.act()),
      ...Array(6).fill(() => this.life.outbox.wake()),
      ...Array(4).fill(() => this.life.outbox.flush()),
      ...Array(3).fill(async () => this.decide()),
      ...Array(4).fill(async () => (server.time += draw.upTo(20 * MINUTE))),
      ...Array(2).fill(async () => (server.time += draw.upTo(40 * HOUR))),
      ...Array(3).fill(async () => (this.life.killAt = 0)),
      ...Array(4).fill(async () => this.weather()),
      async () => (phone.skew = draw.of([0, -1, 1, -50, 50]) * 2 * HOUR),
      async () => (phone.account = draw.of(PEOPLE)),
      async () => this.discard(),
      async () => this.others(),
    ];
    const { life } = this;
    await life.settled(draw.of(acts)());
    if (life.dead) this.life = this.phone.start();
    while (this.life.dead) this.life = this.phone.start();
  }

  /** What the page does in the tap, and what it shows then. */
  give(add) {
    const { life } = this;
    const item = add();
    if (!this.given.has(item.id)) this.given.set(item.id, item);
    const files = new Map((item.photos.photo_ids || []).map((id) => [id, (life.photos.get(id) || { path: 'gone' }).path]));
    if (!life.dead && item.kept && item.state !== 'sent') this.told.set(item.id, { ...item, files });
    return life.outbox.flush();
  }

  async report() {
    const { life, draw } = this;
    const draft = await life.write(draw.of(WORDS), draw.upTo(3));
    // What was told not to be kept is looked for before it is sent again.
    if (this.arrived(draft.id).length) life.drafts.drop('report');
    else if (!life.dead) await this.give(() => life.submit(draft));
  }

  async call() {
    const { life, draw, server } = this;
    const known = server.reports.filter((one) => one.account === this.phone.person);
    if (!known.length) return;
    const photos = draw.next() < 0.3 ? { photos: { photo_ids: [await life.shoot()] } } : {};
    if (!life.dead) await this.give(() => life.outbox.add({ ...callItem(draw.of(known).id, 'supplement', { text: this.words() }), ...photos }));
  }

  async act() {
    const { life, draw } = this;
    const number = draw.upTo(3);
    const path = `/api/v1/cases/${number}/actions`;
    const version = this.version(path);
    const photos = draw.next() < 0.3 ? { photos: { photo_ids: [await life.shoot()] } } : {};
    const action = { kind: 'action', lane: `case:${number}`, path, body: { action: 'remark', version, comment: this.words() }, title: '批注', ...photos };
    if (!life.dead) await this.give(() => life.outbox.add(action));
  }

  version(path) {
    const { cases } = this.server;
    if (!cases.has(path)) cases.set(path, { version: 1 });
    return cases.get(path).version;
  }

  /** Somebody else acts on a case. */
  others() {
    this.version('/api/v1/cases/1/actions');
    this.server.cases.get('/api/v1/cases/1/actions').version += 1;
  }

  words() {
    return `第${(this.texts += 1)}句`;
  }

  discard() {
    const { life, draw } = this;
    const open = life.outbox.open();
    if (open.length && draw.next() < 0.5) this.drop(draw.of(open));
  }

  drop({ id }) {
    if (this.life.outbox.discard(id)) this.told.delete(id);
  }

  /** All that arrived under a key, whoever sent it. */
  arrived(id) {
    return [...this.server.reports, ...this.server.calls].filter((one) => one.key === id);
  }

  /** A person answers what asks: having looked, or having called, they know what arrived. */
  decide() {
    const { outbox } = this.life;
    const item = outbox.open().find((one) => one.state === 'attention' || one.state === 'refused');
    if (!item) return undefined;
    if (this.arrived(item.id).length) {
      outbox.discard(item.id);
      return undefined;
    }
    const lost = this.lostOf(item);
    if (lost.length) return this.without(item, lost);
    const { type } = item.problem;
    assert.ok(['stale-case', 'other-account', 'unsure', 'photo-lost'].includes(type), `${type}: ${item.problem.message}`);
    return outbox.retry(item.id, type === 'stale-case' ? { version: this.version(item.path) } : {});
  }

  /** Changed, as a page does it: sent without what is lost. */
  without(item, lost) {
    const told = this.told.get(item.id);
    if (told) lost.forEach((id) => told.files.delete(id));
    return this.life.outbox.add({ ...item, photos: { photo_ids: item.photos.photo_ids.filter((id) => !lost.includes(id)) } });
  }

  /** Photos that a person was told are not kept, and that are gone. */
  lostOf(item) {
    const { life } = this;
    const isThere = (photo) => photo && (life.has(photo.path) || (photo.photo_id && photo.account === life.session.account().id));
    return (item.photos.photo_ids || []).filter((id) => !isThere(life.photos.get(id)));
  }

  async over() {
    this.calm();
    this.life = this.phone.start();
    for (let round = 0; round < 300 && this.life.outbox.open().length; round += 1) {
      this.decide();
      await this.life.settled(this.life.outbox.wake());
      this.server.time += 11 * MINUTE;
    }
  }

  check() {
    assert.deepEqual(this.life.outbox.open().map(({ state, problem }) => [state, problem]), [], 'nothing waits');
    this.told.forEach((item) => this.checkOne(item));
    this.checkNoneTwice();
    this.checkOrder();
  }

  /** It is at the server, whole, and stands for no other. */
  checkOne(item) {
    const arrived = this.arrived(item.id);
    const { answer } = this.life.outbox.get(item.id) || { answer: undefined };
    const one = this.server.reports.find(({ id }) => answer && id === answer.id) || arrived[0];
    assert.ok(one, `${item.kind} ${item.id}, told kept, did not arrive`);
    const files = (one.photo_ids || one.body.photo_ids || []).map((id) => this.server.uploads.get(id).file);
    assert.deepEqual(files.sort(), [...item.files.values()].sort(), `photos of ${item.id}`);
    if (item.kind === 'report') assert.equal(one.description, item.body.description);
    assert.ok(!this.matched.has(one), `${item.id} has what is another's`);
    this.matched.add(one);
  }

  /** Reports without photos that are alike to the letter are told apart by nobody: they are counted. */
  checkNoneTwice() {
    const groups = new Map();
    this.given.forEach(({ id, body }) => {
      const arrived = this.arrived(id);
      const alike = arrived.length && arrived[0].photo_ids && !arrived[0].photo_ids.length ? arrived[0].description : id;
      const name = arrived.length ? alike : body.description || id;
      groups.set(name, (groups.get(name) || []).concat([arrived.length]));
    });
    groups.forEach((counts, name) => assert.ok(counts.reduce((sum, one) => sum + one, 0) <= counts.length, `${name}: ${counts}`));
  }

  /** What was given first in a lane arrived first. */
  checkOrder() {
    const last = new Map();
    this.server.calls.forEach(({ key, path }) => {
      const at = Array.from(this.given.keys()).indexOf(key);
      assert.ok(at > (last.has(path) ? last.get(path) : -1), `${key} of ${path} overtook`);
      last.set(path, at);
    });
  }
}

for (const seed of SEEDS) {
  test(`storm, SEED=${seed}`, async () => {
    const storm = new Storm(seed);
    for (let n = 0; n < STEPS; n += 1) await storm.step();
    await storm.over();
    storm.check();
  });
}
