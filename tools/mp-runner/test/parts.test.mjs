// The pure parts of the build and of the runner.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAllow } from '../build/bundle.mjs';
import { lineAt } from '../build/faults.mjs';
import { checkScript } from '../build/js_check.mjs';
import { css, resolved, selectors, withImports } from '../build/wxss.mjs';
import { tagsOf } from '../build/wxml.mjs';
import { checkTags } from '../build/wxml_check.mjs';
import { parsed } from '../runtime/shell/stack.js';
import { fromGcj02, toGcj02 } from '../runtime/wx/gcj02.js';
import { browserUnits } from '../units.mjs';

const ALLOW = readAllow();

test('750rpx are the width of the frame, and vh are of the page', () => {
  assert.equal(browserUnits('width: 750rpx; margin:-15rpx 0 .5rpx'), 'width: 100vw; margin:-2vw 0 0.066667vw');
  assert.equal(browserUnits('height:calc(50vh - 1px)'), 'height:calc(calc(50 * var(--page-height, 100vh) / 100) - 1px)');
  assert.equal(browserUnits('url(a1rpx.png) 3px x-2rpxy'), 'url(a1rpx.png) 3px x-2rpxy');
});

test('selectors name hosts as the page has them', () => {
  const plain = (text) => selectors(text, '', () => {});
  assert.equal(plain('page view.a > text:not(.b)'), 'wx-page wx-view.a > wx-text:not(.b)');
  assert.equal(plain('view:nth-child(odd), .a-b::after'), 'wx-view:nth-child(odd), .a-b::after');
  assert.equal(plain('input[type=text]'), 'wx-input[type=text]');
  assert.equal(selectors('.a .b-c view', 'card', () => {}), '.card--a .card--b-c wx-view');
});

test('blocks keep their values, and at-rules their blocks', () => {
  const say = () => assert.fail();
  assert.equal(css('/* view{} */ .a{content:"}";width:75rpx}', '', say), '.a{content:"}";width:10vw}\n');
  assert.equal(css('@media (max-width: 375px){.a{top:0}}', 's', say), '@media (max-width: 375px){.s--a{top:0}\n}\n');
  assert.equal(css('@keyframes go{from{left:0}to{left:75rpx}}', 's', say), '@keyframes go{from{left:0}to{left:10vw}}\n');
});

test('a sheet that is wrong is told of with its line', () => {
  const told = [];
  css('.a{}\n\n@container (x){}\n#b{}', '', (line, words) => told.push([line, words.split(' ')[0]]));
  assert.deepEqual(told, [[3, '@container'], [4, '#b:']]);
});

test('imports are put in place once', () => {
  const files = { 'lib/b.wxss': '@import "../a.wxss"; .b{}' };
  const found = withImports('a.wxss', '@import "./lib/b.wxss";.a{}', (path) => files[path] ?? null, assert.fail);
  assert.equal(found.replace(/\s+/g, ''), '.b{}.a{}');
});

test('paths are of the file, or of the root', () => {
  assert.equal(resolved('pages/a/a', '../b/b'), 'pages/b/b');
  assert.equal(resolved('pages/a/a', '/lib/x'), 'lib/x');
});

test('tags have lines, and nothing inside braces, comments or scripts is one', () => {
  const tags = tagsOf('<!-- <a> -->\n<view class="a>b" wx:if="{{a < b}}">{{ a <b }}</view>\n<wxs module="m">if (a <b) {}</wxs>\n<x-y\n  c\n  d=\'1\'/>');
  assert.deepEqual(tags.map(({ name, line }) => [name, line]), [['view', 2], ['wxs', 3], ['x-y', 4]]);
  assert.deepEqual(tags[0].attributes.map(({ name, value }) => [name, value]), [['class', 'a>b'], ['wx:if', '{{a < b}}']]);
  assert.deepEqual(tags[2].attributes, [{ name: 'c', value: null, line: 5 }, { name: 'd', value: '1', line: 6 }]);
});

test('the position of a line', () => {
  assert.deepEqual([lineAt('a\nb', 0), lineAt('a\nb', 2)], [1, 2]);
});

function said(text, using = []) {
  const told = [];
  const known = { allow: ALLOW, using: new Set(using), methods: null, templates: new Set() };
  checkTags(tagsOf(text), known, (line, words) => told.push(words));
  return told;
}

test('what every tag may have', () => {
  assert.deepEqual(said('<view wx:if="{{a}}" class="b" data-x-y="1" mark:z="2" aria-label="c" capture-bind:tap="d" catch:touchmove="e" />'), []);
  assert.deepEqual(said('<input model:value="{{a}}" bindinput="b" />'), []);
  assert.deepEqual(said('<my-card any="{{a}}" bind:thing="b" />', ['my-card']), []);
  assert.equal(said('<view model:value="{{a}}" wx:foo="1" bindinput="b" />').length, 3);
});

function scripted(text) {
  const told = [];
  checkScript(text, ALLOW, (line, words) => told.push(`${line} ${words}`));
  return told;
}

test('names of browsers are refused unless they are ones of the file', () => {
  assert.deepEqual(scripted('const history = []; history.push({ location: 1 }); x.document; function f(name, fetch) { fetch(); }'), []);
  assert.deepEqual(scripted('x({ fetch: function fetch() { return fetch; } })'), []);
  assert.deepEqual(scripted('\nfetch("/x")'), ['2 fetch does not exist in a mini program']);
  assert.deepEqual(scripted("typeof window === 'undefined'"), []);
});

test('the platform is checked wherever it is named', () => {
  assert.deepEqual(scripted('wx.request({}); const { login } = wx; use(wx); wx["getStorage"]()'), []);
  assert.equal(scripted('wx.createAnimation(); const { ...all } = wx; wx[name]()').length, 3);
});

test('options of components are known ones', () => {
  assert.deepEqual(scripted('Component({ data: {}, methods: { anything() {} } })'), []);
  assert.deepEqual(scripted('Component({ onLoad() {} })'), ['1 Component option onLoad is not in the allow-list']);
});

test('addresses of pages keep their values as they are', () => {
  assert.deepEqual(parsed('/pages/a/a?x=1&y=a=b&z'), { path: 'pages/a/a', query: { x: '1', y: 'a=b', z: '' } });
  assert.deepEqual(parsed('../b/b?s=%E4', 'pages/a/a'), { path: 'pages/b/b', query: { s: '%E4' } });
});

test("the phone's place is shifted as the server does it", () => {
  const shifted = toGcj02({ longitude: 112.57, latitude: 26.9 });
  assert.ok(Math.abs(shifted.longitude - 112.57523795660462) < 1e-9);
  assert.ok(Math.abs(shifted.latitude - 26.896418204408103) < 1e-9);
  const back = fromGcj02(shifted);
  assert.ok(Math.abs(back.longitude - 112.57) < 1e-8 && Math.abs(back.latitude - 26.9) < 1e-8);
});
