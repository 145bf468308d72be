/** The phone's place, as often as WeChat gives it. */
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { makeWhereabouts } = require('../lib/whereabouts');
const { wgs84ToGcj02, distance } = require('../lib/place');

const AT = { longitude: 112.57, latitude: 26.9 };
const OFTEN = { errMsg: 'getLocation:fail 频繁调用会增加电量损耗，可考虑使用 wx.onLocationChange 监听地理位置变化' };
const DENIED = { errMsg: 'getLocation:fail auth deny' };

/** A phone that gives these, one after the other. */
function giving(...answers) {
  const asked = [];
  const clock = { now: 1000 };
  const here = makeWhereabouts((type) => {
    asked.push(type);
    const next = answers.shift();
    return next.errMsg ? Promise.reject(next) : Promise.resolve(next);
  }, () => clock.now);
  return { here, asked, clock };
}

test('one system is asked for, and another one is reckoned', async () => {
  const { here, asked } = giving({ ...wgs84ToGcj02(AT), accuracy: 12.4 }, { ...wgs84ToGcj02(AT), accuracy: -1 });
  const shifted = await here();
  assert.equal(shifted.coord_type, 'gcj02');
  assert.equal(shifted.accuracy_m, 12);
  const plain = await here('wgs84');
  assert.equal(plain.coord_type, 'wgs84');
  assert.equal(plain.accuracy_m, 0);
  assert.ok(distance(plain, AT) < 0.1, 'less than 10 cm off');
  assert.deepEqual(asked, ['gcj02', 'gcj02']);
});

test('what came last stands while WeChat gives none', async () => {
  const { here } = giving(wgs84ToGcj02(AT), OFTEN, DENIED);
  const first = await here();
  assert.deepEqual(await here(), first);
  await assert.rejects(here(), DENIED);
});

test('a place of half a minute ago is no place of now', async () => {
  const { here, clock } = giving(wgs84ToGcj02(AT), OFTEN, OFTEN);
  await here();
  clock.now += 36 * 1000;
  await assert.rejects(here(), OFTEN);
  clock.now -= 3600 * 1000;
  await assert.rejects(here(), OFTEN, 'a clock that was set back proves nothing');
});

test('without an earlier place the refusal stands', async () => {
  await assert.rejects(giving(OFTEN).here(), OFTEN);
});
