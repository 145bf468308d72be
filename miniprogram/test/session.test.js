/** Signing in once, renewing once, and what is sent with it. */
const test = require('node:test');
const assert = require('node:assert/strict');
const { makeSession } = require('../lib/session');
const { makeApi } = require('../lib/api');
const { unanswered } = require('../lib/problem');

function place() {
  const data = new Map();
  const world = { now: Date.parse('2026-11-23T00:00:00Z'), logins: 0, person: '1', offline: false, sent: [], dead: new Set(), answers: [] };
  const phone = {
    now: () => world.now,
    async login() {
      if (world.offline) throw unanswered();
      return `code${(world.logins += 1)}`;
    },
    pause: async () => {},
    async request(options) {
      world.sent.push(options);
      if (options.url.endsWith('/sessions')) {
        return { status: 201, header: {}, data: { token: `t${world.logins}`, account: { id: world.person, roles: [{ role: 'citizen' }] } } };
      }
      const token = (options.header.Authorization || '').slice(7);
      if (world.dead.has(token)) return { status: 401, header: {}, data: { detail: '请先登录' } };
      return world.answers.shift() || { status: 200, header: { etag: '"2"' }, data: { token } };
    },
    async download() {
      return world.answers.shift() || { status: 200, header: {}, path: 'tmp/1' };
    },
  };
  const store = { get: (name) => data.get(name), hold: (name, value) => data.set(name, value) };
  const session = makeSession({ phone, store, base: 'http://x' });
  return { world, session, api: makeApi({ phone, session, base: 'http://x' }) };
}

test('the first call signs in, several at once sign in once, and it is remembered', async () => {
  const { world, api, session } = place();
  const answers = await Promise.all([api.get('/a'), api.get('/b', { cursor: null, limit: 3 })]);
  assert.deepEqual(answers.map((one) => one.token), ['t1', 't1']);
  assert.equal(world.logins, 1);
  assert.equal(world.sent[2].url, 'http://x/b?limit=3');
  assert.equal(session.account().id, '1');
  assert.equal(session.isStaff(), false);
});

test('a refused token is renewed once for all who had it, and the same is sent again', async () => {
  const { world, api } = place();
  await api.get('/a');
  world.dead.add('t1');
  const body = { description: '垃圾', location: { longitude: 1 } };
  const answers = await Promise.all([api.post('/a', body, 'k1'), api.post('/b', body, 'k2')]);
  assert.deepEqual(answers.map((one) => one.token), ['t2', 't2']);
  assert.equal(world.logins, 2);
  const tries = world.sent.filter((one) => one.url === 'http://x/a' && one.method === 'POST');
  assert.equal(tries.length, 2);
  assert.equal(tries[0].data, tries[1].data);
  assert.deepEqual(tries.map((one) => one.header['Idempotency-Key']), ['k1', 'k1']);
});

test('a token refused twice is a problem, not a loop', async () => {
  const { world, api } = place();
  world.dead.add('t1').add('t2');
  await assert.rejects(api.get('/a'), { status: 401, message: '请先登录' });
  assert.equal(world.logins, 2);
});

test('what one person entered is not sent as another, also where the token was renewed', async () => {
  const { world, api, session } = place();
  await api.post('/a', {}, 'k1', '1');
  await assert.rejects(api.post('/a', {}, 'k2', '2'), { type: 'other-account' });
  world.dead.add('t1');
  world.person = '2';
  const before = world.sent.length;
  await assert.rejects(api.post('/a', {}, 'k3', '1'), { type: 'other-account' });
  assert.equal(world.sent.slice(before).filter((one) => one.url === 'http://x/a').length, 1);
  assert.equal(session.account().id, '2');
});

test('who was signed in stays known while the token cannot be renewed', async () => {
  const { world, api, session } = place();
  await api.get('/a');
  world.dead.add('t1');
  world.offline = true;
  await assert.rejects(api.get('/a'), { type: 'offline' });
  assert.equal(session.account().id, '1');
  world.offline = false;
  await api.get('/a');
  assert.equal(world.logins, 2);
});

test('the server’s clock is heard, and asked for where it was not heard for an hour', async () => {
  const { world, api } = place();
  const asked = () => world.sent.filter((one) => one.url === 'http://x/api/v1/me').length;
  const at = Date.parse('2026-11-23T08:00:00Z');
  world.answers.push({ status: 200, header: { date: new Date(at).toUTCString() }, data: {} });
  await api.get('/a');
  assert.equal(await api.time(), at);
  assert.equal(asked(), 0);
  world.now -= 1;
  world.answers.push({ status: 200, header: { date: new Date(at + 5000).toUTCString() }, data: {} });
  assert.equal(await api.time(), at + 5000);
  await api.time(true);
  assert.equal(asked(), 2);
});

test('binding sends the code along and changes who is signed in', async () => {
  const { world, api, session } = place();
  await api.get('/a');
  let told = null;
  session.onChange((account) => {
    told = account;
  });
  await session.bind('ABCD2345');
  assert.deepEqual(JSON.parse(world.sent[world.sent.length - 1].data), { wechat_code: 'code2', binding_code: 'ABCD2345' });
  assert.equal(told.id, '1');
});

test('public data need no sign-in; tags are sent and told', async () => {
  const { world, api } = place();
  await api.open('/public/solved.json', { limit: 2 });
  assert.equal(world.logins, 0);
  assert.deepEqual((await api.call('GET', '/c', { open: true, tag: '"1"' })).tag, '"2"');
  assert.equal(world.sent[1].header['If-None-Match'], '"1"');
  world.answers.push({ status: 304, header: {}, data: '' });
  assert.deepEqual(await api.call('GET', '/c', { open: true, tag: '"2"' }), { data: null, tag: '"2"' });
});

test('a picture that is not made yet is asked for again, one that is missing is not', async () => {
  const { world, api } = place();
  world.answers.push({ status: 503, header: {} }, { status: 503, header: {} });
  assert.equal(await api.picture('p'), 'tmp/1');
  assert.equal(await api.picture('p'), 'tmp/1');
  world.answers.push({ status: 404, header: {}, data: null });
  await assert.rejects(api.picture('q'), { status: 404 });
});
