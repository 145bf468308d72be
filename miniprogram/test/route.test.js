/** Opening pages, with a stack as WeChat's: a page is there a moment after it was asked for. */
const { test, beforeEach } = require('node:test');
const assert = require('node:assert/strict');
const { go } = require('../lib/route');

const MOST = 10;
let stack;
let asked;

/** What was asked for comes about. */
function settle() {
  while (asked.length) asked.shift()();
}

beforeEach(() => {
  stack = ['pages/home/home'];
  asked = [];
  const put = (kept) => ({ url, success, fail, complete }) =>
    asked.push(() => {
      const full = kept() >= MOST;
      if (!full) stack = stack.slice(0, kept()).concat(url.slice(1).split('?')[0]);
      (full ? fail : success || (() => {}))();
      if (complete) complete();
    });
  global.getCurrentPages = () => stack.map((route) => ({ route }));
  global.wx = { navigateTo: put(() => stack.length), redirectTo: put(() => stack.length - 1) };
});

test('a tap that comes twice opens one page', () => {
  go('/pages/report/report');
  go('/pages/report/report');
  settle();
  go('/pages/report/report');
  settle();
  assert.deepEqual(stack, ['pages/home/home', 'pages/report/report']);
});

test('pages are opened one after the other, and again after the way back', () => {
  go('/pages/inbox/inbox');
  settle();
  go('/pages/report/detail?id=1');
  settle();
  stack.pop();
  go('/pages/report/detail?id=2');
  settle();
  assert.deepEqual(stack, ['pages/home/home', 'pages/inbox/inbox', 'pages/report/detail']);
});

test('on a full stack the page takes the place of the one on top', () => {
  stack = Array.from({ length: MOST }, (_, at) => `pages/p${at}/p`);
  go('/pages/report/waiting?id=1');
  settle();
  assert.equal(stack.length, MOST);
  assert.equal(stack[MOST - 1], 'pages/report/waiting');
  go('/pages/report/detail?id=1');
  settle();
  assert.equal(stack[MOST - 1], 'pages/report/detail');
});
