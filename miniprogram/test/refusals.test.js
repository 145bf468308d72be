/** What was refused, or may have arrived, stays with what was entered and is explained. */
const test = require('node:test');
const assert = require('node:assert/strict');
const { town, reported, refusal, callItem, HOUR } = require('./world');

test('422: kept with what was entered; corrected it goes under the same key', async () => {
  const { server, phone } = town();
  server.next = [refusal(422, 'invalid-input', [{ pointer: '/description', message: '太长' }])];
  const life = phone.start();
  const id = await reported(life, '垃圾', 1);
  const item = life.outbox.get(id);
  assert.equal(item.state, 'refused');
  assert.equal(item.body.description, '垃圾');
  assert.equal(item.problem.faults[0].message, '太长');
  assert.equal(phone.paths.size, 1);
  await life.outbox.wake();
  assert.equal(server.reports.length, 0);
  life.outbox.add({ ...item, body: { ...item.body, description: '垃圾满地' } });
  await life.outbox.flush();
  assert.equal(server.reports[0].description, '垃圾满地');
  assert.equal(life.outbox.list().length, 1);
});

test('a draft that corrects a refused report survives a start, one that was sent does not', async () => {
  const { server, phone } = town();
  const life = phone.start();
  server.next = [refusal(422, 'invalid-input')];
  const refused = life.outbox.add(callItem('1', 'supplement'));
  await life.outbox.flush();
  const waiting = life.outbox.add(callItem('2', 'supplement'));
  life.drafts.save('correcting', { id: refused.id, photos: [] });
  life.drafts.save('sent', { id: waiting.id, photos: [] });
  const next = phone.start();
  assert.ok(next.drafts.has('correcting'));
  assert.equal(next.drafts.has('sent'), false);
});

for (const [type, state] of [['stale-case', 'attention'], ['illegal-move', 'attention'], ['conflict', 'refused']]) {
  test(`409 ${type}: ${state}, nothing entered is lost, and it can go with what a person decided`, async () => {
    const { server, phone } = town();
    server.next = [refusal(409, type)];
    const life = phone.start();
    const { id } = life.outbox.add({ kind: 'action', lane: 'case:1', path: '/api/v1/cases/1/actions', body: { action: 'start', version: 3, comment: '话' }, title: '签收' });
    await life.outbox.flush();
    assert.equal(life.outbox.get(id).state, state);
    assert.equal(life.outbox.get(id).body.comment, '话');
    await life.outbox.wake();
    assert.equal(server.calls.length, 0);
    await life.outbox.retry(id, { version: 4 });
    assert.deepEqual(server.calls[0].body, { action: 'start', version: 4, comment: '话' });
  });
}

test('what follows on the same case waits for what is not clear', async () => {
  const { server, phone } = town();
  server.next = [refusal(409, 'stale-case')];
  const life = phone.start();
  life.outbox.add({ kind: 'action', lane: 'case:1', path: '/1', body: {}, title: 'a' });
  phone.clock += 1;
  const later = life.outbox.add({ kind: 'action', lane: 'case:1', path: '/2', body: {}, title: 'b' });
  const other = life.outbox.add({ kind: 'action', lane: 'case:2', path: '/3', body: {}, title: 'c' });
  await life.outbox.flush();
  assert.equal(life.outbox.get(later.id).state, 'waiting');
  assert.equal(life.outbox.get(other.id).state, 'sent');
  assert.deepEqual(server.calls.map((one) => one.path), ['/3']);
  assert.deepEqual(life.timers, [], 'nothing wakes the phone for what a person decides');
});

test('429: waits as long as the server says, also when network comes', async () => {
  const { server, phone } = town();
  server.next = [refusal(429, 'too-many-requests', [], 600)];
  const life = phone.start();
  const id = await reported(life, '垃圾', 0);
  assert.equal(life.outbox.get(id).not_before, phone.clock + 600 * 1000);
  await life.outbox.wake();
  assert.equal(server.reports.length, 0);
  phone.clock += 601 * 1000;
  await life.outbox.flush();
  assert.equal(server.reports.length, 1);
});

for (const status of [401, 408, 500, 502, 503]) {
  test(`${status}: is tried again by itself`, async () => {
    const { server, phone } = town();
    server.next = [refusal(status, 'unavailable'), ...(status === 401 ? [refusal(status, 'signed-out')] : [])];
    const life = phone.start();
    const id = await reported(life, '垃圾', 0);
    assert.equal(life.outbox.get(id).state, 'waiting');
    assert.equal(life.timers.length, 1);
    phone.clock += 10 * 1000;
    life.timers.pop().what();
    await life.outbox.flush();
    assert.equal(server.reports.length, 1);
  });
}

test('a photo that the server forgot is sent anew, once, and only that one', async () => {
  const { server, phone } = town();
  phone.online = true;
  const life = phone.start();
  await life.write('垃圾', 2);
  for (const id of life.drafts.photos()) await life.photos.upload(id);
  server.forget('p1');
  life.submit();
  await life.outbox.flush();
  assert.equal(server.reports.length, 1);
  assert.deepEqual(server.reports[0].photo_ids.length, 2);
  assert.ok(server.reports[0].photo_ids.includes('p2'));
});

test('a photo that the server refuses asks the person, with the rest kept', async () => {
  const { server, phone } = town();
  server.nextUploads = [refusal(422, 'image-not-accepted')];
  const life = phone.start();
  const id = await reported(life, '垃圾', 1);
  assert.equal(life.outbox.get(id).state, 'refused');
  assert.equal(life.outbox.get(id).problem.type, 'image-not-accepted');
  assert.equal(phone.paths.size, 1);
});

test('storage full: nothing pretends to be kept, and it is sent all the same', async () => {
  const { server, phone } = town();
  phone.online = false;
  const life = phone.start();
  await life.write('垃圾', 1);
  phone.room = phone.data.size;
  const { id, kept } = life.submit();
  await life.outbox.flush();
  assert.equal(kept, false);
  assert.equal(life.outbox.get(id).kept, false);
  assert.ok(life.drafts.has('report'));
  assert.equal(phone.start().outbox.open().length, 0);
  phone.online = true;
  await life.outbox.wake();
  assert.equal(server.reports[0].photo_ids.length, 1);
  assert.equal(life.drafts.has('report'), false);
});

test('storage full: what can be read again gives way, and only as much as is needed', async () => {
  const { phone } = town();
  const life = phone.start();
  await life.write('垃圾', 0);
  ['catalogue', 'reports', 'report:7', 'elder'].forEach((name) => life.settings.put(name, 'x'));
  phone.room = phone.data.size;
  assert.equal(life.submit().kept, true);
  assert.deepEqual(life.settings.names().sort(), ['catalogue', 'elder', 'reports']);
  phone.room = phone.data.size;
  assert.throws(() => life.settings.put('district', 'x'), { name: 'StorageFull' });
});

test('storage refuses what is too large for its name: nothing gives way in vain', () => {
  const { phone } = town();
  const life = phone.start();
  ['catalogue', 'reports'].forEach((name) => life.settings.put(name, 'x'));
  phone.full = () => true;
  const save = (length) => life.drafts.save('report', { id: 'a', photos: [], words: 'x'.repeat(length) });
  assert.throws(() => save(1024 * 1024), { name: 'StorageFull' });
  assert.deepEqual(life.settings.names().sort(), ['catalogue', 'reports']);
  assert.throws(() => save(1024 * 1023), { name: 'StorageFull' });
  assert.deepEqual(life.settings.names(), []);
});

test('storage full while it is on its way: it waits until there is room, and says so', async () => {
  const { server, phone } = town();
  const life = phone.start();
  await life.write('垃圾', 0);
  life.submit();
  phone.full = () => true;
  await life.outbox.flush();
  const [item] = life.outbox.open();
  assert.equal(item.state, 'waiting');
  assert.match(item.problem.message, /空间不足/);
  assert.equal(server.posts, 0);
  phone.full = () => false;
  await life.outbox.wake();
  assert.equal(server.reports.length, 1);
});

test('no room for the file: the photo is still sent', async () => {
  const { server, phone } = town();
  phone.filesFull = true;
  const life = phone.start();
  await reported(life, '垃圾', 1);
  assert.equal(server.reports[0].photo_ids.length, 1);
});

test('another account does not send it unasked', async () => {
  const { server, phone } = town();
  const life = phone.start();
  await life.session.token();
  phone.online = false;
  const id = await reported(life, '垃圾', 1);
  phone.online = true;
  phone.account = 'worker';
  await life.outbox.wake();
  assert.equal(life.outbox.get(id).state, 'attention');
  assert.equal(life.outbox.get(id).problem.type, 'other-account');
  await life.outbox.retry(id);
  assert.equal(server.reports[0].account, 'worker');
});

test('of another account again the owner, it goes by itself', async () => {
  const { server, phone } = town();
  const life = phone.start();
  server.next = ['lost'];
  const id = await reported(life, '垃圾', 1);
  phone.account = 'worker';
  await life.outbox.wake();
  assert.equal(life.outbox.get(id).state, 'attention');
  phone.account = 'anna';
  await life.api.get('/api/v1/me');
  await life.outbox.wake();
  assert.equal(life.outbox.get(id).state, 'sent');
  assert.equal(server.reports.length, 1);
});

test('written before the first sign-in it goes as whoever signs in', async () => {
  const { server, phone } = town();
  phone.online = false;
  const life = phone.start();
  const id = await reported(life, '垃圾', 0);
  assert.equal(life.outbox.get(id).account, '');
  phone.online = true;
  await life.outbox.wake();
  assert.equal(server.reports[0].account, 'anna');
});

test('what may have arrived is not changed under its key', async () => {
  const { server, phone } = town();
  server.next = ['lost'];
  const life = phone.start();
  const id = await reported(life, '垃圾', 0);
  const again = life.outbox.add({ ...life.outbox.get(id), body: { description: '别的' } });
  assert.equal(again.body.description, '垃圾');
  await life.outbox.wake();
  assert.equal(server.reports.length, 1);
});

test('it can be forgotten, but not while it is on its way', async () => {
  const { server, phone } = town();
  const life = phone.start();
  await life.write('垃圾', 1);
  life.submit();
  const [item] = life.outbox.open();
  const sending = life.outbox.flush();
  assert.equal(life.outbox.discard(item.id), false);
  await sending;
  phone.online = false;
  const other = life.outbox.add(callItem('1', 'urge'));
  await life.outbox.flush();
  assert.equal(life.outbox.discard(other.id), true);
  phone.online = true;
  await life.outbox.wake();
  assert.equal(server.reports.length, 1);
  assert.equal(server.calls.length, 0);
});

test('the last fifty that were sent are remembered', async () => {
  const { phone } = town();
  const life = phone.start();
  const ids = [];
  for (let n = 0; n < 51; n += 1) ids.push(await reported(life, '垃圾', 0));
  const next = phone.start();
  assert.equal(next.outbox.get(ids[0]), undefined);
  assert.ok(next.outbox.get(ids[1]));
});

test('a pause ends when the clock is set back, and lanes keep their order', async () => {
  const { server, phone } = town();
  server.next = [refusal(500, 'unavailable')];
  const life = phone.start();
  life.outbox.add({ ...callItem('1', 'supplement', { text: '一' }) });
  await life.outbox.flush();
  phone.skew = -72 * HOUR;
  life.outbox.add({ ...callItem('1', 'supplement', { text: '二' }) });
  await life.outbox.flush();
  assert.deepEqual(server.calls.map((one) => one.body.text), ['一', '二']);
});

for (const skew of [-72 * HOUR, 72 * HOUR]) {
  test(`a clock set ${skew / HOUR} hours off makes nothing arrive twice`, async () => {
    const { server, phone } = town();
    phone.skew = skew;
    server.next = ['lost', 'lost'];
    const life = phone.start();
    const report = await reported(life, '垃圾', 1);
    life.outbox.add(callItem('9', 'supplement', { text: '还有' }));
    await life.outbox.flush();
    phone.clock += 30 * HOUR;
    phone.skew = -skew;
    await life.outbox.wake();
    assert.equal(life.outbox.get(report).state, 'sent');
    assert.deepEqual(life.outbox.open().map((one) => one.problem.type), ['unsure']);
    assert.equal(server.reports.length, 1);
    assert.equal(server.calls.length, 1);
  });
}
