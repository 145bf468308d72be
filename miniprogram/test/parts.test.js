/** The smaller parts: words, places, problems, subscriptions, what a report says. */
const test = require('node:test');
const assert = require('node:assert/strict');
const words = require('../lib/words');
const place = require('../lib/place');
const { problemOf, unanswered, Problem } = require('../lib/problem');
const { choose, told, makeSubscribe } = require('../lib/subscribe');
const reports = require('../lib/reports');
const { target } = require('../lib/notices');

const NOW = Date.parse('2026-11-23T01:00:00Z');

test('moments are told as people say them, in the district’s time', () => {
  assert.equal(words.when('2026-11-23T00:05:00+00:00', NOW), '今天 08:05');
  assert.equal(words.when('2026-11-22T15:59:00Z', NOW), '昨天 23:59');
  assert.equal(words.when('2026-11-22T16:00:00Z', NOW), '今天 00:00');
  assert.equal(words.when('2026-11-23T16:00:00Z', NOW), '明天 00:00');
  assert.equal(words.when('2026-03-05T06:05:00Z', NOW), '3月5日 14:05');
  assert.equal(words.when('2025-03-05T06:05:00Z', NOW), '2025年3月5日');
  assert.equal(words.when('', NOW), '');
});

test('what ends with a day is told by that day', () => {
  assert.equal(words.until('2026-11-30T00:00:00+08:00', NOW), '11月29日当天');
  assert.equal(words.until('2027-01-01T00:00:00+08:00', NOW), '12月31日当天');
  assert.equal(words.until('2026-12-03T09:30:00+08:00', NOW), '12月3日 09:30');
});

test('spans and limits', () => {
  assert.equal(words.span(20 * 1000), '1 分钟');
  assert.equal(words.span(59 * 60000), '59 分钟');
  assert.equal(words.span(2 * 3600000), '2 小时');
  assert.equal(words.span(125 * 60000), '2 小时 5 分钟');
  assert.equal(words.span(49 * 3600000), '2 天');
  assert.deepEqual(words.due('2026-11-23T03:00:00Z', NOW), { words: '还剩 2 小时', late: false });
  assert.deepEqual(words.due('2026-11-21T01:00:00Z', NOW), { words: '已超时 2 天', late: true });
  assert.deepEqual(words.due(null, NOW), { words: '', late: false });
  assert.equal(words.limit('4wh'), '4 个工作小时');
  assert.equal(words.limit('0.5h'), '0.5 小时');
  assert.equal(words.limit('soon'), '');
  assert.equal(words.moment('2026-11-23', '08:30'), '2026-11-23T08:30:00+08:00');
  assert.equal(words.day(Date.parse('2026-11-22T16:30:00Z')), '2026-11-23');
});

test('WGS-84 is shifted for the map as the server shifts it', () => {
  const shifted = place.wgs84ToGcj02({ longitude: 112.57, latitude: 26.9 });
  assert.ok(Math.abs(shifted.longitude - 112.57523795660462) < 1e-9);
  assert.ok(Math.abs(shifted.latitude - 26.896418204408103) < 1e-9);
  const capital = place.wgs84ToGcj02({ longitude: 116.397, latitude: 39.909 });
  assert.ok(Math.abs(capital.longitude - 116.40324350604497) < 1e-9);
  assert.deepEqual(place.wgs84ToGcj02({ longitude: 2.35, latitude: 48.85 }), { longitude: 2.35, latitude: 48.85 });
});

test('distances, boxes, names of areas', () => {
  const here = { longitude: 112.57, latitude: 26.9 };
  const metres = place.distance(here, { longitude: 112.57, latitude: 26.91 });
  assert.ok(Math.abs(metres - 1112) < 1);
  assert.equal(place.metresInWords(12.4), '12 米');
  assert.equal(place.metresInWords(1234), '1.2 公里');
  const [west, south, east, north] = place.boxAround(here, 1112).split(',').map(Number);
  assert.ok(west < 112.57 && east > 112.57 && Math.abs(north - south - 0.02) < 1e-3);
  assert.deepEqual(place.middle({ coordinates: [[[0, 0], [2, 0], [2, 4], [0, 0]]] }), { longitude: 1, latitude: 2 });
  assert.equal(place.areaName({ community: { name: '书院社区' }, grid: { name: '书院社区第四网格' } }), '书院社区第四网格');
  assert.equal(place.areaName({ community: { name: '书院社区' }, grid: { name: '四网格' } }), '书院社区 · 四网格');
  assert.equal(place.areaName({ community: null, grid: { name: '四网格' } }), '四网格');
});

test('a problem says what to do, and whether to try again', () => {
  const refused = problemOf({
    status: 422,
    header: {},
    data: { type: '/problems/invalid-input', title: '填写有误', status: 422, detail: '太长', errors: [{ pointer: '/photo_ids/0', message: '照片' }], request_id: 'x', accepted: '要现场照片' },
  });
  assert.equal(refused.type, 'invalid-input');
  assert.equal(refused.message, '照片', 'the detail names a field as programs do');
  assert.equal(refused.at('/photo_ids'), '照片');
  assert.equal(refused.at('/photo'), '');
  assert.equal(refused.more.accepted, '要现场照片');
  assert.equal(refused.transient, false);
  assert.equal(new Problem(refused.plain()).at('/photo_ids'), '照片');
  const busy = problemOf({ status: 429, header: { 'retry-after': '30' }, data: '{"detail":"慢点"}' });
  assert.equal(busy.retryAfter, 30);
  assert.equal(busy.message, '慢点');
  assert.ok(busy.transient);
  assert.ok(problemOf({ status: 502, header: {}, data: '<html>' }).transient);
  assert.equal(problemOf({ status: 413, header: {}, data: '' }).transient, false);
  assert.equal(unanswered({ errMsg: 'request:fail timeout' }).type, 'timeout');
  assert.equal(unanswered({ errMsg: 'request:fail ' }).type, 'offline');
  assert.ok(unanswered().transient);
});

const TEMPLATES = [
  { template_id: 'closed', events: ['pass'], remaining: 2 },
  { template_id: 'task', events: ['task', 'task.rework'], remaining: 0 },
  { template_id: 'progress', events: ['start'], remaining: null },
  { template_id: 'other', events: ['reject'], remaining: 1 },
  { template_id: 'more', events: ['accept'], remaining: 9 },
];

test('residents are asked for their own templates, those without any left first, three at most', () => {
  assert.deepEqual(choose(TEMPLATES, false), ['progress', 'other', 'closed']);
  assert.deepEqual(choose(TEMPLATES, true), ['task']);
  assert.deepEqual(told({ a: 'accept', b: 'reject', c: 'ban', errMsg: 'ok' }, ['a', 'b', 'c']), { accepted: ['a'], rejected: ['b'] });
});

test('who has messages left is not asked for more', () => {
  const rich = TEMPLATES.map((one) => ({ ...one, remaining: 3 }));
  assert.deepEqual(choose(rich, false), []);
});

test('the server is told what was tapped, and a refusal stops nothing', async () => {
  const posted = [];
  const api = { get: async () => ({ items: TEMPLATES }), post: async (path, body) => posted.push([path, body]) };
  const subscribe = makeSubscribe({ api, ask: async (ids) => ({ [ids[0]]: 'accept', [ids[1]]: 'reject', [ids[2]]: 'filter' }) });
  await subscribe.ask();
  assert.equal(posted.length, 0);
  await subscribe.prepare();
  await subscribe.ask();
  await subscribe.ask();
  assert.deepEqual(posted, [['/api/v1/me/consents', { accepted: ['progress'], rejected: ['other'] }]]);
  const refusing = makeSubscribe({ api, ask: async () => Promise.reject(new Error('20004')) });
  await refusing.prepare();
  await refusing.ask();
  assert.equal(posted.length, 1);
});

const LIGHT = { code: 'street-light', name: '路灯不亮', min_photos: 1, fields: [{ code: 'light_number', required: true, description: '灯杆编号' }] };
const SPOT = { longitude: 112.57, latitude: 26.9, coord_type: 'gcj02', accuracy_m: 8 };

test('a report says what was entered and nothing else', () => {
  assert.deepEqual(reports.bodyOf({ place: SPOT, words: ' ' }, LIGHT), { description: '路灯不亮', location: SPOT, category: 'street-light' });
  assert.deepEqual(
    reports.bodyOf({ place: SPOT, words: '不亮', phone: ' 13800000000 ', address: '路口', join: 'HY1', attributes: { light_number: '7', plate: '湘A' } }, LIGHT),
    { description: '不亮', location: SPOT, category: 'street-light', contact_phone: '13800000000', address: '路口', join_case: 'HY1', attributes: { light_number: '7' } },
  );
  assert.deepEqual(reports.bodyOf({ place: SPOT, words: '怪', anonymous: true, phone: '1380000' }, null), { description: '怪', location: SPOT, anonymous: true });
  assert.deepEqual(reports.bodyOf({ place: SPOT, words: '怪' }, null), { description: '怪', location: SPOT });
});

test('what is missing is named where it is missing', () => {
  assert.deepEqual(Object.keys(reports.missing({}, null, [])).sort(), ['category', 'place', 'words']);
  assert.deepEqual(Object.keys(reports.missing({ place: SPOT }, LIGHT, [])).sort(), ['light_number', 'photos']);
  assert.deepEqual(reports.missing({ place: SPOT, attributes: { light_number: '7' } }, LIGHT, ['a']), {});
  assert.deepEqual(reports.missing({ place: SPOT, join: 'HY1' }, LIGHT, []), {});
  assert.deepEqual(reports.missing({ place: SPOT, unsure: true, words: '怪' }, null, []), {});
});

test('the server’s faults stand at their parts', () => {
  const faults = reports.faultsOf({ faults: [{ pointer: '/attributes/light_number', message: 'a' }, { pointer: '/photo_ids/1', message: 'b' }, { pointer: '/join_case', message: 'c' }] });
  assert.deepEqual(faults, { light_number: 'a', photos: 'b', join: 'c' });
  assert.deepEqual(reports.faultsOf({ type: 'outside-service-area', message: '不在范围' }), { place: '不在范围' });
});

test('pictures before and after', () => {
  assert.deepEqual(reports.sides([{ id: 'a', role: 'report' }, { id: 'b', role: 'check' }, { id: 'c', role: 'control' }]), { before: ['a'], after: ['b'] });
});

const WAITING = { id: '1', kind: 'report', title: '垃圾', lane: 'new:1', seq: 1, state: 'waiting', made_at: NOW, kept: true };
const NO_ANSWER = { status: 0, message: '没有应答' };
/** @param {any} changes @param {any[]} [others] not sent either */
const waits = (changes, others = []) => {
  const item = { ...WAITING, ...changes };
  return reports.waitingRow(item, NOW, [item, ...others]);
};

for (const [name, problem, said] of [
  ['no answer', NO_ANSWER, '现在连不上，连上后自动发出'],
  ['429', { status: 429, message: '每小时最多上报 20 次，请稍后再试' }, '每小时最多上报 20 次，约 20 分钟后自动发出'],
  ['502', { status: 502, message: '系统出错，请稍后再试' }, '系统暂时没有应答，会自动再发'],
  ['no room', { status: 1, type: 'fault', message: '手机存储空间不足' }, '手机存储空间不足'],
  ['nothing yet', undefined, ''],
]) {
  test(`what goes by itself says why it waits and when it goes: ${name}`, () => {
    assert.equal(waits({ problem, not_before: NOW + 20 * 60000 }).words, said);
  });
}

test('what waits behind another says what holds it', () => {
  const later = { lane: 'case:1', seq: 2 };
  const first = { ...WAITING, id: '0', lane: 'case:1' };
  const refused = { ...first, state: 'refused', problem: { status: 422, message: '太长' } };
  assert.equal(waits({ ...later, problem: NO_ANSWER }, [refused]).words, '前面一步没发出，处理后自动发出');
  assert.equal(waits({ ...later, lane: 'case:2' }, [refused]).words, '');
  assert.match(waits({ ...later, lane: 'case:2' }, [{ ...first, problem: NO_ANSWER }]).words, /^现在连不上/);
  assert.match(waits(later, [{ ...first, problem: { status: 503, message: '' } }]).words, /会自动再发$/);
});

test('what a person is to decide says why, in their words', () => {
  const faults = [{ pointer: '/reply', message: '请写明做了什么' }, { pointer: '/photo_ids/0', message: '太暗' }, { pointer: '/photo_ids/1', message: '太暗' }];
  const refused = waits({ state: 'refused', problem: { status: 422, type: 'invalid-input', message: 'reply：请写明做了什么', faults } });
  assert.equal(refused.words, '请写明做了什么；太暗');
  assert.ok(refused.asks);
  assert.equal(waits({ state: 'refused', problem: { status: 422, message: '太长' } }).words, '太长');
  assert.equal(waits({ state: 'attention', problem: { status: 409, type: 'unsure', message: '请先看进展' } }).label, '不确定是否送达');
  assert.match(waits({ kept: false, problem: NO_ANSWER }).words, /没能存下.*别关/);
});

for (const [name, item, said] of [
  ['a report by its words', { note: { draft: { words: ' 三袋垃圾 ' }, place: '蒸水路' } }, ['三袋垃圾', '蒸水路']],
  ['a report without words by its place', { note: { draft: {}, place: '蒸水路' } }, ['', '蒸水路']],
  ['a call by its report', { kind: 'call', note: { report: '7', category: '暴露垃圾', number: 'HY7' } }, ['', '暴露垃圾 · HY7']],
  ['a step by its case', { kind: 'action', note: { case: 'HY7', draft: { values: {} } } }, ['', 'HY7']],
  ['what is not noted by nothing', {}, ['', '']],
]) {
  test(`what waits or arrived is told from others: ${name}`, () => {
    for (const row of [waits(item), reports.arrivedRow({ ...WAITING, ...item, answer: {} }, NOW)]) assert.deepEqual([row.own, row.which], said);
  });
}

test('a notice leads to its report, a task to its case', () => {
  assert.equal(target({ report_id: '7', case_number: 'HY1' }), '/pages/report/detail?id=7');
  assert.equal(target({ report_id: null, case_number: 'HY1' }), '/pages/case/detail?number=HY1');
});
