/** What is written on the phone arrives once, whatever happens on the way. */
const test = require('node:test');
const assert = require('node:assert/strict');
const { town, reported, offline, callItem, HOUR } = require('./world');

test('a report with photos is sent, and its photos leave the phone', async () => {
  const { server, phone } = town();
  const life = phone.start();
  const id = await reported(life, '垃圾', 2);
  assert.equal(server.reports.length, 1);
  assert.equal(server.reports[0].photo_ids.length, 2);
  assert.equal(life.outbox.get(id).state, 'sent');
  assert.equal(life.outbox.get(id).answer.case_number, 'HY1');
  assert.equal(phone.paths.size, 0);
});

test('killed at every step, a report arrives once and nothing of it is lost before', async () => {
  let survived = 0;
  for (let killAt = 1; ; killAt += 1) {
    const { server, phone } = town();
    const first = phone.start(killAt);
    let submitted = false;
    await first.settled((async () => {
      await first.write('垃圾', 2);
      if (first.dead) return;
      submitted = true;
      first.submit();
      await first.outbox.flush();
    })());
    const second = phone.start();
    if (second.drafts.has('report') && submitted) second.submit();
    await second.outbox.flush();
    if (submitted) {
      survived += 1;
      assert.equal(server.reports.length, 1, `killed before step ${killAt}`);
      assert.equal(server.reports[0].photo_ids.length, 2, `killed before step ${killAt}`);
      assert.equal(second.drafts.has('report'), false);
      assert.equal(second.outbox.open().length, 0);
      second.restart();
      assert.equal(phone.paths.size, 0, `files left, killed before step ${killAt}`);
    } else {
      assert.equal(server.reports.length, 0);
    }
    if (!first.dead) break;
  }
  assert.ok(survived > 12, `only ${survived} steps after submitting`);
});

test('killed twice at every pair of steps, a report still arrives once', async () => {
  for (let one = 8; one < 30; one += 1) {
    for (let two = 1; two < 16; two += 1) {
      const { server, phone } = town();
      const first = phone.start(one);
      await first.settled((async () => {
        await first.write('路灯', 1);
        first.submit();
        await first.outbox.flush();
      })());
      const second = phone.start(two);
      await second.settled((async () => {
        if (second.drafts.has('report')) second.submit();
        await second.outbox.flush();
      })());
      const third = phone.start();
      if (third.drafts.has('report')) third.submit();
      await third.outbox.flush();
      assert.equal(server.reports.length, 1, `killed before steps ${one} and ${two}`);
    }
  }
});

test('an answer lost after the server took it makes no second report', async () => {
  const { server, phone } = town();
  server.next = ['lost'];
  const life = phone.start();
  const id = await reported(life);
  assert.equal(life.outbox.get(id).state, 'waiting');
  await life.outbox.wake();
  assert.equal(server.reports.length, 1);
  assert.equal(life.outbox.get(id).state, 'sent');
  assert.equal(life.outbox.get(id).answer.id, '1');
});

test('an answer lost more than a day ago is looked for among one’s reports', async () => {
  const { server, phone } = town();
  server.next = ['lost'];
  const life = phone.start();
  const id = await reported(life);
  phone.clock += 30 * HOUR;
  const later = phone.start();
  await later.outbox.wake();
  assert.equal(server.reports.length, 1);
  assert.equal(later.outbox.get(id).answer.case_number, 'HY1');
});

test('the same words from the same spot a day later are another report', async () => {
  const { server, phone } = town();
  const life = phone.start();
  await reported(life, '垃圾满溢', 0);
  phone.clock += 2 * HOUR;
  server.next = [offline()];
  await reported(life, '垃圾满溢', 0);
  phone.clock += 25 * HOUR;
  await life.outbox.wake();
  assert.equal(server.reports.length, 2);
});

test('the same words from the same spot with another photo are another report', async () => {
  const { server, phone } = town();
  server.next = [offline()];
  const life = phone.start();
  const id = await reported(life, '垃圾满溢', 1);
  const { body } = life.outbox.get(id);
  server.report('anna', { ...body, photo_ids: ['another'] }, 'of another phone');
  phone.clock += 30 * HOUR;
  await life.outbox.wake();
  assert.equal(server.reports.length, 2);
  assert.equal(life.outbox.get(id).answer.id, '2');
});

test('photos that an earlier try may have used are not sent anew unasked', async () => {
  const { server, phone } = town();
  server.next = ['lost'];
  const life = phone.start();
  const id = await reported(life, '垃圾满溢', 1);
  server.reports[0].description = null;
  phone.clock += 30 * HOUR;
  await life.outbox.wake();
  assert.equal(life.outbox.get(id).problem.type, 'unsure');
  assert.equal(server.reports.length, 1);
  assert.equal(server.uploads.size, 1);
});

test('a try of more than a day ago that never arrived is sent now', async () => {
  const { server, phone } = town();
  server.next = [offline()];
  const life = phone.start();
  await reported(life, '井盖', 0);
  phone.clock += 30 * HOUR;
  await life.outbox.wake();
  assert.equal(server.reports.length, 1);
});

test('a supplement whose fate is unknown for a day waits for the person', async () => {
  const { server, phone } = town();
  const life = phone.start();
  server.next = ['lost'];
  const { id } = life.outbox.add(callItem('1', 'supplement', { text: '还有' }));
  await life.outbox.flush();
  phone.clock += 30 * HOUR;
  await life.outbox.wake();
  assert.equal(life.outbox.get(id).state, 'attention');
  assert.equal(life.outbox.get(id).problem.type, 'unsure');
  assert.equal(server.calls.length, 1);
  await life.outbox.retry(id);
  assert.equal(server.calls.length, 2);
});

test('two triggers at once send once, and a third during it is not forgotten', async () => {
  const { server, phone } = town();
  const life = phone.start();
  await life.write('垃圾', 1);
  life.submit();
  const both = [life.outbox.flush(), life.outbox.wake(), life.outbox.flush()];
  life.outbox.add(callItem('7', 'urge'));
  await Promise.all([...both, life.outbox.flush()]);
  assert.equal(server.reports.length, 1);
  assert.equal(server.calls.length, 1);
  assert.equal(server.posts, 2);
});

test('a photo that the page is sending is not sent a second time by what waits', async () => {
  const { server, phone } = town();
  const life = phone.start();
  await life.write('垃圾', 3);
  life.photos.resume(life.drafts.photos());
  life.submit();
  await life.outbox.flush();
  assert.equal(server.uploads.size, 3);
  assert.equal(server.reports[0].photo_ids.length, 3);
});

test('without network it waits, and goes when network comes', async () => {
  const { server, phone } = town();
  phone.online = false;
  const life = phone.start();
  const id = await reported(life, '垃圾', 2);
  assert.equal(life.outbox.get(id).state, 'waiting');
  assert.equal(phone.paths.size, 2);
  phone.online = true;
  await life.outbox.wake();
  assert.equal(server.reports.length, 1);
  assert.equal(server.reports[0].photo_ids.length, 2);
});

test('reports made offline each arrive once, in their order', async () => {
  const { server, phone } = town();
  phone.online = false;
  let life = phone.start();
  for (const words of ['一', '二', '三', '四', '五']) {
    await reported(life, words, 1);
    phone.clock += 1000;
    life = phone.start();
  }
  phone.online = true;
  server.next = ['lost', undefined, 'lost'];
  await life.outbox.wake();
  await life.outbox.wake();
  await life.outbox.wake();
  assert.deepEqual(server.reports.map((one) => one.description), ['一', '二', '三', '四', '五']);
  assert.equal(life.outbox.open().length, 0);
});

test('network cut in the middle of photos: those that arrived are not sent again', async () => {
  const { server, phone } = town();
  server.nextUploads = [undefined, offline()];
  const life = phone.start();
  await reported(life, '垃圾', 3);
  const before = server.uploads.size;
  await life.outbox.wake();
  assert.equal(server.reports[0].photo_ids.length, 3);
  assert.ok(before >= 1);
  assert.equal(server.uploads.size, 3);
});

test('what arrived is news until somebody saw it', async () => {
  const { phone } = town();
  const life = phone.start();
  const one = await reported(life, '一', 0);
  const two = await reported(life, '二', 0);
  life.outbox.markSeen(one);
  assert.deepEqual([one, two].map((id) => life.outbox.get(id).seen), [true, false]);
  phone.start().outbox.markSeen();
  assert.equal(life.outbox.get(two).seen, true);
});
