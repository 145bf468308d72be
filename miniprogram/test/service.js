/** The service as the phone meets it, made of nothing. */
const { Problem } = require('../lib/problem');

const HOUR = 3600 * 1000;
const copy = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

/** The service: HTTP answers, its own clock, keys kept a day, each photo in one place. */
class Server {
  constructor() {
    this.time = Date.parse('2026-11-23T08:00:00Z');
    this.reports = [];
    this.calls = [];
    this.cases = new Map();
    this.posts = 0;
    this.signIns = 0;
    this.uploads = new Map();
    this.tokens = new Map();
    this.kept = new Map();
    /** What the next posts are answered instead: problems, or 'lost' (taken, answer lost). */
    this.next = [];
    this.nextUploads = [];
  }

  /** One request as it arrives; its HTTP answer. */
  handle({ method, url, header = {}, data, path }) {
    const answer = { header: { date: new Date(this.time).toUTCString() } };
    try {
      return { ...answer, ...this.answered(method, url, header, data && JSON.parse(data), path) };
    } catch (why) {
      if (!(why instanceof Problem) || why.status === 0) throw why;
      const { status, type, message, faults, retryAfter } = why;
      return { status, header: { ...answer.header, 'retry-after': retryAfter }, data: { type: `/problems/${type}`, detail: message, errors: faults } };
    }
  }

  answered(method, url, header, body, file) {
    if (url === '/api/v1/sessions') return this.signIn(body.wechat_code);
    const account = this.tokens.get((header.Authorization || '').slice('Bearer '.length));
    if (!account) throw refusal(401, 'signed-out');
    if (file !== undefined) return { status: 201, data: this.upload(account, file) };
    if (method === 'GET') return { status: 200, data: this.read(account, url) };
    return { status: 200, data: this.post(account, url, body, header['Idempotency-Key']) };
  }

  signIn(account) {
    const token = `t${(this.signIns += 1)}`;
    this.tokens.set(token, account);
    return { status: 201, data: { token, account: { id: account, roles: [] } } };
  }

  read(account, url) {
    const own = this.reports.filter((one) => one.account === account);
    if (url.startsWith('/api/v1/reports/')) return copy(own.find((one) => url.endsWith(`/${one.id}`)));
    if (url.startsWith('/api/v1/reports')) return { items: own.map(copy).reverse().slice(0, 50) };
    return { id: account };
  }

  upload(account, file) {
    const planned = this.nextUploads.shift();
    if (planned) throw planned;
    const id = `p${this.uploads.size + 1}`;
    this.uploads.set(id, { account, file, used: false });
    return { id };
  }

  forget(photoId) {
    this.uploads.delete(photoId);
  }

  post(account, path, body, key) {
    this.posts += 1;
    const planned = this.next.shift();
    if (planned instanceof Problem) throw planned;
    const answer = this.answer(account, path, body, key);
    if (planned === 'lost') throw offline();
    return answer;
  }

  answer(account, path, body, key) {
    const name = `${account} ${path} ${key}`;
    const known = this.kept.get(name);
    if (known && this.time - known.at < 24 * HOUR) {
      if (known.body !== JSON.stringify(body)) throw refusal(422, 'idempotency-conflict');
      return copy(known.answer);
    }
    const answer = this.take(account, path, body, key);
    this.kept.set(name, { at: this.time, body: JSON.stringify(body), answer: copy(answer) });
    return answer;
  }

  take(account, path, body, key) {
    const one = this.cases.get(path);
    if (one && one.version !== body.version) throw refusal(409, 'stale-case');
    this.use(account, body.photo_ids || []);
    if (one) one.version += 1;
    if (path === '/api/v1/reports') return this.report(account, body, key);
    this.calls.push({ account, path, body, key });
    return { ok: true };
  }

  use(account, ids) {
    const bad = ids.map((id, at) => ({ at, found: this.uploads.get(id) })).filter(({ found }) => !found || found.used || found.account !== account);
    if (bad.length) throw refusal(422, 'photo-unusable', bad.map(({ at }) => ({ pointer: `/photo_ids/${at}`, message: '不能使用' })));
    ids.forEach((id) => {
      this.uploads.get(id).used = true;
    });
  }

  report(account, body, key) {
    const made = { id: String(this.reports.length + 1), case_number: `HY${this.reports.length + 1}`, status: 'assigned', receipt: 'ab' };
    const photo_ids = body.photo_ids || [];
    this.reports.push({ ...made, account, key, description: body.description, photo_ids, photos: photo_ids.map((id) => ({ id, role: 'report' })), submitted_at: new Date(this.time).toISOString(), location: { gcj02: body.location } });
    return made;
  }
}

const offline = () => new Problem({ type: 'offline', message: '没有网络' });

function refusal(status, type, faults = [], retryAfter = 0) {
  return new Problem({ status, type, message: type, faults, retryAfter });
}

module.exports = { Server, copy, offline, refusal, HOUR };
