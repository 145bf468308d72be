/** Which version was agreed to: asked for again when the text changes, told to the server once. */
const test = require('node:test');
const assert = require('node:assert/strict');
const { makePrivacy } = require('../lib/privacy');
const { makeStore } = require('../lib/store');
const { makeListeners } = require('../lib/listeners');
const { PRIVACY_VERSION } = require('../lib/config');

const AT = '2026-11-23T00:00:00.000Z';

/** What outlives a kill, a server, and WeChat. */
function place() {
  return { data: new Map(), full: false, online: true, told: [], account: { id: '1' }, wechatAsks: true };
}

function start(world) {
  const signedIn = makeListeners();
  const storage = {
    read: (key) => world.data.get(key),
    write(key, value) {
      if (world.full) throw new Error('full');
      world.data.set(key, value);
    },
    remove: (key) => world.data.delete(key),
    keys: () => Array.from(world.data.keys()),
  };
  const api = {
    async post(path, body) {
      await null;
      if (!world.online) throw new Error('no network');
      world.told.push([world.account.id, path, body.version, body.agreed_at]);
    },
  };
  const session = { account: () => world.account, onChange: signedIn.on };
  const edges = { store: makeStore(storage, 'set:'), api, session, now: () => Date.parse(AT), wechatAsks: async () => world.wechatAsks };
  return { privacy: makePrivacy(edges), signedIn };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const said = (id, version = PRIVACY_VERSION) => [id, '/api/v1/me/privacy', version, AT];

test('what was agreed to is told once, whoever triggers it and after however many kills', async () => {
  const world = place();
  const { privacy, signedIn } = start(world);
  privacy.agree('agree');
  privacy.tell();
  signedIn.tell();
  await settled();
  assert.deepEqual(world.told, [said('1')]);
  start(world).privacy.tell();
  await settled();
  assert.equal(world.told.length, 1);
});

test('before there is a session or network nothing is told and nobody waits', async () => {
  const world = place();
  const account = world.account;
  world.account = null;
  const answers = [];
  const { privacy } = start(world);
  privacy.ask((answer) => answers.push(answer));
  privacy.agree('agree');
  assert.deepEqual(answers, [{ event: 'agree', buttonId: 'agree' }]);
  world.online = false;
  world.account = account;
  const after = start(world);
  after.signedIn.tell();
  await settled();
  assert.deepEqual(world.told, []);
  world.online = true;
  start(world).privacy.tell();
  await settled();
  assert.deepEqual(world.told, [said('1')]);
});

test('another account of the same person is told as well', async () => {
  const world = place();
  const { privacy, signedIn } = start(world);
  privacy.agree('agree');
  await settled();
  world.account = { id: '7' };
  signedIn.tell(world.account);
  await settled();
  assert.deepEqual(world.told, [said('1'), said('7')]);
});

test('without room it is agreed and told all the same', async () => {
  const world = place();
  world.full = true;
  const { privacy } = start(world);
  privacy.agree('agree');
  await settled();
  assert.equal(privacy.agreed().version, PRIVACY_VERSION);
  privacy.tell();
  await settled();
  assert.deepEqual(world.told, [said('1')]);
});

test('WeChat asks the first time; then the protected call goes on', async () => {
  const world = place();
  const { privacy } = start(world);
  await privacy.allowed();
  assert.equal(privacy.asking(), false);
  assert.equal(await privacy.outdated(), false);
});

for (const [name, known] of [['an earlier version', { version: '2020-01', at: AT, told: '1' }], ['nothing known', undefined]]) {
  test(`WeChat does not ask any more, and there is ${name}: it is asked here, and told`, async () => {
    const world = place();
    world.wechatAsks = false;
    if (known) world.data.set('set:privacy', known);
    const { privacy } = start(world);
    assert.equal(await privacy.outdated(), true);
    const calls = [privacy.allowed(), privacy.allowed()];
    await settled();
    assert.deepEqual([privacy.asking(), privacy.own()], [true, true]);
    privacy.agree('agree');
    await Promise.all(calls);
    await settled();
    assert.deepEqual(world.told, [said('1')]);
    await start(world).privacy.allowed();
  });
}

test('who does not agree to the new version is refused as by WeChat, and asked at the next call', async () => {
  const world = place();
  world.wechatAsks = false;
  const { privacy } = start(world);
  for (let time = 0; time < 2; time += 1) {
    const call = privacy.allowed();
    await settled();
    assert.equal(privacy.asking(), true);
    privacy.refuse();
    await assert.rejects(call, { errMsg: /privacy permission/ });
  }
  assert.deepEqual(world.told, []);
  assert.equal(privacy.agreed(), null);
});
