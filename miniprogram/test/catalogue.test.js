/** Residents' own words find the category, on the catalogue that is shipped. */
const test = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { soundsDangerous, search, byCode, calls, picture, makeCatalogue, all } = require('../lib/catalogue');

function shipped() {
  const [head, ...rows] = fs.readFileSync(path.join(__dirname, '../../data/catalogue.csv'), 'utf8').trim().split('\n').map((line) => line.split(','));
  const groups = new Map();
  rows.forEach((row) => {
    const one = Object.fromEntries(head.map((name, at) => [name, row[at]]));
    if (!groups.has(one.group)) groups.set(one.group, { code: one.group, name: one.group_name, categories: [] });
    groups.get(one.group).categories.push({ ...one, aliases: one.aliases.split(' ').filter(Boolean) });
  });
  return { groups: Array.from(groups.values()) };
}
const catalogue = shipped();

for (const [typed, code] of [
  ['垃圾没人清', 'exposed-garbage'],
  ['垃圾没人收', 'exposed-garbage'],
  ['这里有很多垃圾成堆了', 'exposed-garbage'],
  ['路灯坏了', 'street-light'],
  ['路灯不亮了', 'street-light'],
  ['井盖', 'manhole-cover'],
  ['下水井没有盖', 'manhole-cover'],
  ['僵尸车', 'junk-vehicle'],
  ['共享单车乱放', 'bike-parking'],
  ['牛皮癣', 'stickers'],
  ['煤气味道', 'gas-leak'],
  ['狗没拴绳', 'dog-leash'],
  ['路上有个坑', 'road-damage'],
  ['地上一个坑', 'road-damage'],
  ['楼下狗叫', 'dog-leash'],
  ['河水很臭', 'black-water'],
  ['饭馆油烟', 'cooking-fumes'],
  ['红绿灯不亮', 'traffic-facility'],
  ['人行道被占了摆摊', 'street-vendor'],
  ['水管爆', 'pipe-burst'],
  ['夜里工地施工很吵', 'works-noise'],
  ['电动车上楼充电', 'ebike-indoors'],
  ['路被水淹了', 'road-ponding'],
]) {
  test(`“${typed}” finds ${code} among the first three`, () => {
    const found = search(catalogue, typed).map((one) => one.code);
    assert.ok(found.slice(0, 3).includes(code), found.join(' '));
  });
}

test('nonsense finds nothing, a blank nothing either', () => {
  assert.deepEqual(search(catalogue, '量子力学'), []);
  assert.deepEqual(search(catalogue, '  '), []);
});

test('every category and every group has a picture of its own; what a district adds shows its group’s', () => {
  const there = (name) => fs.existsSync(path.join(__dirname, '..', name));
  all(catalogue).forEach((one) => {
    assert.equal(one.picture, `/images/category/${one.code}.svg`);
    assert.ok(there(one.picture), one.picture);
    assert.equal(picture(one.group, 'invented'), `/images/group/${one.group}.svg`);
    assert.ok(there(picture(one.group)), one.group);
  });
  assert.equal(picture('invented'), picture('other'));
  assert.equal(byCode(catalogue, 'nope'), null);
  assert.equal(byCode(catalogue, 'debris').name, '积存渣土');
});

test('emergencies are calls: by their number, by the district’s, else through the hotline', () => {
  assert.deepEqual(calls(['119 消防', '0734-8110110 燃气公司抢修'], {}, '12345'), [
    { number: '119', name: '消防', through: false },
    { number: '0734-8110110', name: '燃气公司抢修', through: false },
  ]);
  assert.deepEqual(calls(['燃气公司抢修'], { 燃气: '96777' }, '12345'), [{ number: '96777', name: '燃气公司抢修', through: false }]);
  assert.deepEqual(calls(['供水公司抢修'], { 燃气: '96777' }, '12345'), [{ number: '12345', name: '供水公司抢修', through: true }]);
});

test('danger in plain words is heard, a broken thing is not danger', () => {
  ['楼道里着火了', '有人被电动车撞倒受伤', '闻到煤气味', '墙倒塌了'].forEach((text) => assert.ok(soundsDangerous(text), text));
  ['垃圾没人收', '路灯坏了', '共享单车乱停', ''].forEach((text) => assert.ok(!soundsDangerous(text), text));
});

test('the catalogue is kept, asked for by its tag, and there without network', async () => {
  const data = new Map();
  const store = { get: (name) => data.get(name), put: (name, value) => data.set(name, value) };
  const asked = [];
  const answering = (answer) => ({
    call: async (_, __, how) => {
      asked.push(how.tag);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  assert.deepEqual(await makeCatalogue({ store, api: answering({ data: { groups: [1] }, tag: '"1"' }) }).load(), { groups: [1] });
  assert.deepEqual(await makeCatalogue({ store, api: answering({ data: null, tag: '"1"' }) }).load(), { groups: [1] });
  assert.deepEqual(await makeCatalogue({ store, api: answering(new Error('offline')) }).load(), { groups: [1] });
  assert.deepEqual(asked, ['', '"1"', '"1"']);
  data.clear();
  await assert.rejects(makeCatalogue({ store, api: answering(new Error('offline')) }).load());
});
