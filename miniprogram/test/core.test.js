/** The parts as they are put together, on a phone that counts the keys that it has room for. */
const test = require('node:test');
const assert = require('node:assert/strict');

/** A start of the mini program over what outlives a kill. @param {Map<string, any>} data @param {number} room keys */
function start(data, room) {
  const wx = {
    getAccountInfoSync: () => ({ miniProgram: { envVersion: 'develop' } }),
    getStorageSync: (key) => (data.has(key) ? data.get(key) : ''),
    setStorageSync(key, value) {
      if (!data.has(key) && data.size >= room) throw new Error('setStorageSync:fail exceed storage max size 10Mb');
      data.set(key, value);
    },
    removeStorageSync: (key) => data.delete(key),
    getStorageInfoSync: () => ({ keys: Array.from(data.keys()) }),
  };
  Object.assign(globalThis, { wx });
  Object.keys(require.cache).filter((path) => path.includes('/lib/')).forEach((path) => delete require.cache[path]);
  return require('../lib/core');
}

const filled = (name) => new Map([[name, 'x']]);

test('what was read gives way to elder mode and to consent, which are there after a kill', () => {
  for (const [choose, chosen] of [
    [(core) => core.elder.set(true), (core) => core.elder.on() && core.elder.theme() === 'elder'],
    [(core) => core.privacy.agree('agree'), (core) => core.privacy.agreed() !== null],
  ]) {
    const data = filled('set:catalogue');
    const core = start(data, 1);
    assert.equal(chosen(core), false);
    choose(core);
    assert.equal(chosen(core), true);
    assert.equal(chosen(start(data, 1)), true);
  }
});

test('where nothing gives way, elder mode holds until a kill, and consent is asked for again after it', () => {
  const data = filled('draft:report');
  const core = start(data, 1);
  core.elder.set(true);
  core.privacy.agree('agree');
  assert.deepEqual([core.elder.on(), core.privacy.agreed() !== null], [true, true]);
  core.elder.set(false);
  assert.equal(core.elder.on(), false);
  const after = start(data, 1);
  assert.deepEqual([after.elder.on(), after.privacy.agreed()], [false, null]);
});

test('there is network when the phone says so, and when an answer came after none', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-11-23T01:00:00Z') });
  start(new Map(), 9);
  let up = true;
  /** @type {(now: any) => void} */
  let change = () => {};
  Object.assign(globalThis.wx, {
    request: ({ success, fail }) => (up ? success({ statusCode: 200, header: {}, data: {} }) : fail({ errMsg: 'request:fail' })),
    onNetworkStatusChange: (told) => {
      change = told;
    },
  });
  const phone = require('../lib/phone');
  let told = 0;
  phone.onNetwork(() => {
    told += 1;
  });
  const ask = async (works) => {
    up = works;
    await phone.request({}).catch(() => {});
    return told;
  };
  assert.deepEqual([await ask(true), await ask(false)], [0, 0]);
  assert.deepEqual([await ask(true), await ask(true)], [1, 1]);
  assert.deepEqual([await ask(false), await ask(true)], [1, 1], 'pages that fail again in part do not go round');
  t.mock.timers.tick(10000);
  assert.equal(await ask(true), 2);
  change({ isConnected: false });
  assert.equal(told, 2);
  change({ isConnected: true });
  assert.equal(told, 3);
});
