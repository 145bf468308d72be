/** Staff's pure parts: what is urgent, forms of actions, what a refusal says of which field. */
const test = require('node:test');
const assert = require('node:assert/strict');
const tasks = require('../lib/tasks');
const acting = require('../lib/acting');
const patrol = require('../lib/patrol');
const { shownFigures, monthOf } = require('../lib/figures');
const { makeCases } = require('../lib/cases');
const { makeStore } = require('../lib/store');

const NOW = Date.parse('2026-11-25T10:00:00+08:00');
const at = (hours) => new Date(NOW + hours * 3600 * 1000).toISOString();
const HERE = { longitude: 112.575, latitude: 26.896 };

function brief(number, hours, north = 0, more = {}) {
  const place = { longitude: HERE.longitude, latitude: HERE.latitude + north };
  return { number, version: 1, category_name: '暴露垃圾', status_label: '待签收', location: { gcj02: place }, grid_name: '第四网格', submitted_at: at(-5), due_at: hours === null ? null : at(hours), emergency: false, ...more };
}

const drawn = (items, more = {}) => tasks.rows(items, { kept: () => null, here: null, waiting: () => 0, now: NOW, ...more });

test('a limit is told in words, and its tone says the same', () => {
  const told = (hours) => tasks.deadline(brief('A', hours), null, NOW);
  assert.deepEqual([told(-2).words, told(-2).tone, told(-2).level], ['已超时 2 小时', 'stop', 'late']);
  assert.deepEqual([told(3).words, told(3).tone], ['快到期，还剩 3 小时', 'hold']);
  assert.deepEqual([told(30).words, told(30).tone], ['还剩 1 天', 'going']);
  assert.equal(told(null).words, '没有期限');
  assert.equal(tasks.deadline({ ...brief('A', -2), status: 'closed' }, null, NOW).words, '', 'nothing is left to be done');
});

test('the clock that runs out first counts, where the case was read as it is now', () => {
  const clock = (label, hours, more = {}) => ({ label, round: 2, due_at: at(hours), met_at: null, cleared_at: null, ...more });
  const whole = { version: 1, round: 2, clocks: [clock('处置', 48), clock('签收', 1), clock('受理', -9, { met_at: at(-9) }), clock('签收', -40, { round: 1 })] };
  assert.equal(tasks.deadline(brief('A', 48), whole, NOW).words, '签收：快到期，还剩 1 小时');
  assert.equal(tasks.deadline(brief('A', 48, 0, { version: 3 }), whole, NOW).words, '还剩 2 天');
});

test('the most urgent stands first, what has no limit last', () => {
  const found = tasks.byDue(drawn([brief('C', null), brief('B', 5), brief('A', -1), brief('D', 5)]));
  assert.deepEqual(found.map((one) => one.number), ['A', 'B', 'D', 'C']);
});

test('the nearest stands first, the most urgent where the place is not known', () => {
  const items = [brief('far', -1, 0.01), brief('near', 9, 0.0001), brief('middle', 2, 0.004)];
  const found = tasks.byDistance(drawn(items, { here: HERE }));
  assert.deepEqual(found.map((one) => one.number), ['near', 'middle', 'far']);
  assert.equal(found[0].awayWords, '11 米');
  assert.deepEqual(tasks.byDistance(drawn(items)).map((one) => one.number), ['far', 'middle', 'near']);
});

test('a marker says its category and limit, and shows what is late in words too', () => {
  const [late, soon, open] = tasks.markers(drawn([brief('A', -2), brief('B', 1), brief('C', 50)]));
  assert.equal(late.ariaLabel, '暴露垃圾，已超时 2 小时');
  assert.deepEqual([late.label.content, soon.label.content, open.label], ['超时', '快到期', undefined]);
  assert.equal(new Set([late.iconPath, soon.iconPath, open.iconPath]).size, 3);
});

test('figures count what is open, due today and late', () => {
  const found = drawn([brief('A', -2), brief('B', 1), brief('C', 13.9), brief('D', 14.1), brief('E', null)]);
  assert.deepEqual(tasks.figures(found, NOW), { open: 5, today: 2, late: 1 });
});

const RESOLVE = {
  action: 'resolve',
  label: '处置完成',
  fields: [
    { name: 'outcome', label: '处置结果', required: true, choices: [{ value: 'fixed', label: '已处置' }, { value: 'absent', label: '不实' }] },
    { name: 'comment', label: '做了什么', required: true },
    { name: 'photo_ids', label: '处置后照片', required: false },
  ],
};
const RELOCATE = { action: 'relocate', label: '更正位置', fields: [{ name: 'location', label: '位置', required: true }, { name: 'reason', label: '原因', required: true }] };

test('a form is what the server offers, filled with what was entered', () => {
  const draft = { values: { outcome: 'fixed', comment: '清了' }, photos: ['a'] };
  const [outcome, comment, photos] = acting.shape(RESOLVE, draft, { comment: ['太短'] }, (code) => code);
  assert.deepEqual(outcome.choices.map((one) => [one.label, one.on]), [['已处置', true], ['不实', false]]);
  assert.deepEqual([comment.kind, comment.text, comment.faults], ['long', '清了', ['太短']]);
  assert.deepEqual([photos.kind, photos.photos], ['photos', ['a']]);
});

test('a field that nobody foresaw is a line of text', () => {
  assert.equal(acting.kindOf({ name: 'new_thing' }), 'line');
  assert.equal(acting.kindOf({ name: 'reason', choices: [] }), 'choice');
});

test('units and people are asked for where the server did not list them, and many are a list', () => {
  const delegate = { action: 'delegate', fields: [{ name: 'unit', label: '下级单位', required: false }] };
  assert.deepEqual([acting.asksChoices(delegate), acting.asksChoices(RESOLVE)], [true, false]);
  assert.equal(acting.kindOf(delegate.fields[0]), 'unlisted', 'no line to type a code into');
  const few = acting.withChoices(delegate, { unit: [{ value: 'U', label: '甲' }] });
  const many = acting.withChoices(delegate, { unit: 'abcdefg'.split('').map((value) => ({ value, label: `单位${value}` })) });
  assert.equal(acting.asksChoices(few), false);
  const drawnAs = (action) => acting.shape(action, { values: { unit: 'c' }, photos: [] }, {}, String)[0];
  assert.deepEqual([drawnAs(few).kind, drawnAs(many).kind, drawnAs(many).told, drawnAs(many).at], ['choice', 'list', '单位c', 2]);
});

test('what is required and empty is named, what may be empty is not', () => {
  assert.deepEqual(acting.missing(RESOLVE, { values: { comment: '  ' }, photos: [] }), { outcome: ['请选“处置结果”'], comment: ['请填“做了什么”'] });
  assert.deepEqual(acting.missing(RELOCATE, { values: { reason: '偏了' } }), { location: ['请选“位置”'] });
});

test('of fields of which exactly one is to be given, one takes the place of the other', () => {
  const choices = [{ value: 'U', label: '甲' }];
  const delegate = { action: 'delegate', exactly_one: ['unit', 'worker'], fields: [{ name: 'unit', label: '下级单位', required: false, choices }, { name: 'worker', label: '经办人', required: false, choices }, { name: 'reason', label: '原因', required: false }] };
  assert.equal(acting.either(delegate), '“下级单位”和“经办人”选一个，不用都选。');
  assert.equal(acting.either(RESOLVE), '');
  assert.deepEqual(acting.shape(delegate, {}, {}, String).map((field) => field.required), [true, true, false]);
  assert.deepEqual(acting.missing(delegate, { values: {} }), { unit: ['请选“下级单位”或“经办人”'] });
  assert.deepEqual(acting.missing(delegate, { values: { worker: 'U' } }), {});
  assert.deepEqual(acting.entered(delegate, { unit: 'U', reason: '近' }, 'worker', 'U'), { worker: 'U', reason: '近' });
  assert.deepEqual(acting.entered(delegate, { unit: 'U' }, 'reason', '近'), { unit: 'U', reason: '近' });
  assert.deepEqual(acting.faultsAfter({ unit: ['请选'] }, delegate, 'worker', false).unit, []);
});

test('a refusal goes with what it names, and with another choice', () => {
  const faults = { photo_ids: ['第 1 张：太远'], comment: ['太短'], '': ['别的'] };
  assert.deepEqual(acting.listed(acting.faultsAfter(faults, RESOLVE, 'photo_ids', true)), ['太短']);
  assert.deepEqual(acting.listed(acting.faultsAfter(faults, RESOLVE, 'outcome', true)), []);
  assert.deepEqual(acting.listed(acting.faultsAfter({ comment: ['请填'] }, RESOLVE, 'outcome', false)), ['请填'], 'what is still empty stays marked');
});

test('when the work counts as done is told to who says that it is', () => {
  const resolved = (outcome) => ({ close_when: '全部清走', timeline: [{ action: 'resolve', facts: { outcome } }] });
  const told = (one, action, values) => acting.closeWhen(one, action, values) === '全部清走';
  assert.deepEqual([told(resolved('absent'), 'resolve'), told(resolved('absent'), 'resolve', { outcome: 'fixed' }), told(resolved('fixed'), 'resolve', { outcome: 'absent' })], [true, true, false]);
  assert.deepEqual([told(resolved('fixed'), 'pass'), told(resolved('absent'), 'pass'), told(resolved('fixed'), 'ask_suspension')], [true, false, false]);
  assert.equal(acting.closeWhen({ close_when: null, timeline: [] }, 'resolve'), '');
});

test('a limit is told with its moment, and so is the one that is to be set anew', () => {
  const one = { version: 1, round: 1, status: 'in_progress', due_at: at(30), clocks: [{ label: '处置', round: 1, due_at: at(3), met_at: null, cleared_at: null }] };
  assert.equal(acting.limit(one, NOW).words, '处置：快到期，还剩 3 小时，到今天 13:00');
  assert.equal(acting.limit({ ...one, clocks: [], due_at: at(-2) }, NOW).words, '已超时 2 小时，期限是今天 08:00');
  assert.deepEqual([acting.limit({ ...one, status: 'closed' }, NOW).words, acting.limit({ ...one, clocks: [], due_at: null }, NOW).words], ['', '没有期限']);
  assert.equal(acting.present(one, 'ask_extension', NOW), '现在的期限是明天 16:00，还剩 1 天。新的期限要比它晚。');
  assert.deepEqual([acting.present(one, 'supervise', NOW), acting.present({ ...one, due_at: null }, 'ask_extension', NOW)], ['', '']);
});

test('a step sees what stands before it in its lane', () => {
  const open = [{ id: 'else', lane: 'b', seq: 1, state: 'refused' }, { id: 'one', lane: 'a', seq: 2, state: 'refused' }, { id: 'two', lane: 'a', seq: 3, state: 'waiting' }];
  const ids = ({ asking, first }) => [asking && asking.id, first && first.id];
  assert.deepEqual(ids(acting.before(open, 'a', open[2])), ['one', 'one']);
  assert.deepEqual(ids(acting.before(open, 'a', open[1])), [null, null]);
  assert.deepEqual(ids(acting.before(open, 'a')), ['one', 'one']);
  assert.deepEqual(ids(acting.before([open[2]], 'a')), [null, 'two']);
});

test('what is sent has the version that was seen, no blanks, no photos and no words of the phone', () => {
  assert.deepEqual(acting.bodyOf(RESOLVE, { values: { outcome: 'fixed', comment: ' 清了 ', else: 'x' }, photos: ['a'] }, 7), { action: 'resolve', version: 7, outcome: 'fixed', comment: '清了' });
  assert.deepEqual(acting.photosOf(RESOLVE, { photos: ['a'] }), { photo_ids: ['a'] });
  assert.deepEqual(acting.photosOf(RELOCATE, { photos: ['a'] }), {});
  const body = acting.bodyOf(RELOCATE, { values: { location: { longitude: 1, latitude: 2, coord_type: 'gcj02', said: '门口' }, reason: '偏了' } }, 3);
  assert.equal(JSON.stringify(body), '{"action":"relocate","version":3,"location":{"longitude":1,"latitude":2,"coord_type":"gcj02"},"reason":"偏了"}');
});

test('every reason of a refusal stands at its field, photos by their place in the row', () => {
  const faults = [
    { pointer: '/photo_ids/0', message: '拍摄地点太远' },
    { pointer: '/photo_ids/1', message: '拍得太早' },
    { pointer: '/photo_ids/1', message: '拍得太早' },
    { pointer: '/comment', message: '太短' },
    { pointer: '/version', message: '奇怪' },
    { pointer: '', message: '别的' },
  ];
  assert.deepEqual(acting.faultsOf({ faults }, RESOLVE), { photo_ids: ['第 1 张：拍摄地点太远', '第 2 张：拍得太早'], comment: ['太短'], '': ['奇怪', '别的'] });
});

test('what happened since one looked is told, and nothing else', () => {
  const given = [{ label: '处置结果', text: '不实' }];
  const event = (seq, label, texts = {}) => ({ seq, label, action: seq === 2 ? 'resolve' : 'remark', given: seq === 2 ? given : undefined, who: '王', at: at(-1), texts, photos: [{ id: `p${seq}`, role: seq === 1 ? 'report' : 'after', unproven: seq === 3 }] });
  const one = { version: 4, status_label: '处置中', timeline: [event(1, '上报', { description: '垃圾' }), event(2, '签收'), event(3, '批注', { comment: '门锁着' })] };
  const before = acting.seen({ version: 2, status_label: '待签收', timeline: [event(1, '上报')] });
  const told = acting.changes(before, one, NOW);
  assert.equal(told.moved, '待签收 → 处置中');
  assert.deepEqual(told.steps.map((step) => [step.label, step.texts.map((said) => said.text), step.unproven]), [['签收', [], false], ['批注', ['门锁着'], true]]);
  assert.deepEqual(told.steps.map((step) => step.given), [given, []]);
  assert.deepEqual(acting.claims({ ...one, status: 'resolved' }, NOW).map((step) => [step.seq, step.given]), [[2, given]]);
  assert.deepEqual(acting.claims({ ...one, status: 'in_progress' }, NOW), []);
  assert.deepEqual(acting.changes(acting.seen(one), one, NOW), { steps: [], moved: '' });
  assert.deepEqual([acting.step(one.timeline[0], NOW).texts, acting.step(one.timeline[0], NOW).photos], [[], []]);
});

const PLACE = { longitude: 1, latitude: 2, coord_type: 'gcj02' };
const GARBAGE = { code: 'exposed-garbage', name: '暴露垃圾', min_photos: 1, fields: [] };

test('a patrol is sent as one; what was put right has photos of both sides and words', () => {
  const draft = { photos: ['a'], after_photos: ['b'], comment: ' 清了 ', place: PLACE };
  assert.deepEqual(patrol.bodyOf(draft, GARBAGE), { description: '暴露垃圾', location: PLACE, category: 'exposed-garbage', patrol: true });
  assert.deepEqual(patrol.photosOf(draft), { photo_ids: ['a'] });
  assert.equal(patrol.bodyOf({ ...draft, solved: true }, GARBAGE).comment, '清了');
  assert.deepEqual(patrol.photosOf({ ...draft, solved: true }), { photo_ids: ['a'], after_photo_ids: ['b'] });
  assert.deepEqual(patrol.missing({ photos: ['a'], place: PLACE }, GARBAGE), {});
  assert.deepEqual(Object.keys(patrol.missing({ photos: [], place: PLACE, solved: true }, GARBAGE)), ['photos', 'after', 'comment']);
});

test('a refused patrol names the photo and its side', () => {
  const faults = [{ pointer: '/after_photo_ids/0', message: '没有时间' }, { pointer: '/after_photo_ids/1', message: '太远' }, { pointer: '/photo_ids/0', message: '没有地点' }];
  assert.deepEqual(patrol.faultsOf({ type: 'evidence-refused', faults }), { photos: '第 1 张：没有地点', after: '第 1 张：没有时间；第 2 张：太远' });
});

test('a figure of nothing is no zero', () => {
  const figure = (value, numerator, denominator) => ({ value, numerator, denominator });
  const found = shownFigures({ words: { figures: { rework_rate: '返工率', late_rate: '超时率' } }, total: { figures: { rework_rate: figure(null, 0, 0), late_rate: figure(25, 1, 4) } } });
  assert.deepEqual(found.map((one) => [one.label, one.value]), [['返工率', '—'], ['超时率', '25%（1/4）']]);
  assert.equal(monthOf('2026-11'), '2026年11月');
});

function kept() {
  const data = new Map();
  const storage = { read: (key) => data.get(key), write: (key, value) => data.set(key, value), remove: (key) => data.delete(key), keys: () => Array.from(data.keys()) };
  const phone = { account: 'a', now: 0, asked: /** @type {string[]} */ ([]) };
  const api = {
    async get(path) {
      phone.asked.push(path);
      if (path === '/api/v1/cases') return { items: [{ number: 'HY1', version: 2 }, { number: 'HY2', version: 1 }] };
      return { number: path.split('/').pop(), version: 2, timeline: [] };
    },
  };
  const session = { account: () => ({ id: phone.account }) };
  return { phone, cases: makeCases({ api, session, store: makeStore(storage, 'case:'), now: () => (phone.now += 1) }) };
}

test('cases are read ahead once for each version, and kept for who read them alone', async () => {
  const { phone, cases } = kept();
  const items = await cases.mine();
  await cases.ahead(items.slice(0, 1));
  assert.equal(await cases.ahead(items.slice(0, 1)), false);
  assert.deepEqual(phone.asked.slice(1), ['/api/v1/cases/HY1']);
  assert.equal(cases.kept('HY1').version, 2);
  phone.account = 'b';
  assert.equal(cases.kept('HY1'), null);
  assert.equal(cases.keptMine(), null);
});

test('forty cases are kept, the longest unread goes; what one may no more see is forgotten', async () => {
  const { cases } = kept();
  for (let n = 0; n < 41; n += 1) await cases.load(`HY${n}`);
  assert.equal(cases.kept('HY0'), null);
  assert.notEqual(cases.kept('HY1'), null);
  cases.keep({ number: 'HY1', version: 3, actions: [] });
  assert.equal(cases.kept('HY1'), null);
});
