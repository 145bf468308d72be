// What the build refuses: each with file and line.

import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildApp } from '../build/index.mjs';

const FIXTURE = join(dirname(fileURLToPath(import.meta.url)), 'fixture');
const folder = mkdtempSync(join(tmpdir(), 'mp-'));
after(() => rmSync(folder, { recursive: true }));

const HOME = 'pages/home/home';
/** name: file, what is replaced, with what, and the fault. */
const FAULTS = {
  tag: [`${HOME}.wxml`, '<block ', '<video /><block ', ':15: <video> is neither'],
  attribute: [`${HOME}.wxml`, 'catchtap', 'hover catchtap', ':12: <view> has no attribute hover'],
  event: [`${HOME}.wxml`, 'catchtap', 'catchpinch', ':12: <view> has no event pinch'],
  handler: [`${HOME}.wxml`, 'bindtap="go"', 'bindtap="gone"', ':22: there is no method gone'],
  aria: [`${HOME}.wxml`, 'aria-label', 'aria-foo', ':17: aria-foo is not in'],
  role: [`${HOME}.wxml`, 'aria-role=', 'role=', ':13: <view> has no attribute role'],
  'open type': [`${HOME}.wxml`, '"share" c', '"contact" c', ':23: open-type contact'],
  mode: ['pages/tags/tags.wxml', 'widthFix', 'bottom', ':23: <image> has no mode bottom'],
  template: [`${HOME}.wxml`, 'is="row"', 'is="line"', ':8: there is no template line'],
  'included file': [`${HOME}.wxml`, 'templates/foot', 'templates/leg', ':9: /templates/leg'],
  braces: [`${HOME}.wxml`, '{{shape}}', '{{shape}', ':5: {{ without }}'],
  wxs: ['lib/tools.wxs', './other.wxs', './none.wxs', ':1: ./none.wxs: there is no such file'],
  api: [`${HOME}.js`, 'wx.navigateTo', 'wx.navigateTwo', ':52: wx.navigateTwo is not in'],
  'api by name': [`${HOME}.js`, 'wx.navigateTo', 'wx[this.x]', ':52: wx[…] cannot be checked'],
  'api taken out': [`${HOME}.js`, 'Page({', 'const { getFoo } = wx;\nPage({', ':4: wx.getFoo'],
  browser: [`${HOME}.js`, 'Page({', 'window.x = 1;\nPage({', ':4: window does not exist'],
  lookbehind: [`${HOME}.js`, 'Page({', 'const word = /(?<=a)b/;\nPage({', ':4: iPhones before'],
  'page option': [`${HOME}.js`, 'onPageScroll', 'onResize', ':29: Page option onResize is not'],
  syntax: [`${HOME}.js`, 'onReady() {', 'onReady( {', ':14: Expected'],
  module: [`${HOME}.js`, '../../lib/words', '../../lib/wards', ':1: Could not resolve'],
  'page json': [`${HOME}.json`, 'onReachBottomDistance', 'onReach', ':4: onReach: is not in'],
  'app json': ['app.json', '"style"', '"plugins"', ':21: plugins: is not in'],
  page: ['app.json', 'pages/apis/apis', 'pages/none/none', ':2: pages/none/none: there is no pages/none/none.js'],
  "tab's icon": ['app.json', 'images/dot.png', 'images/dat.png', ':13: images/dat.png: there is no'],
  component: [`${HOME}.json`, 'shared/shared', 'shared/none', ':5: ../../components/shared/none: there is no'],
  'not json': [`${HOME}.json`, 'true,', 'true', ':4: not JSON'],
  'no component': ['components/shared/shared.json', 'true', 'false', ':1: a component needs'],
  id: [`${HOME}.wxss`, '.title', '#title', ':1: #title: ids are not written'],
  sheet: ['app.wxss', 'lib/common', 'lib/rare', ':1: @import of ./lib/rare.wxss'],
  block: [`${HOME}.wxss`, '.inside {', '.inside { {', ':3: a block that does not end'],
};

async function failure(name) {
  const [file, old, fresh] = FAULTS[name];
  const source = join(folder, name.replaceAll(/\W/g, '-'));
  cpSync(FIXTURE, source, { recursive: true });
  const text = readFileSync(join(source, file), 'utf8');
  assert.ok(text.includes(old), `${file} has no ${old}`);
  writeFileSync(join(source, file), text.replace(old, fresh));
  const out = `${source}-out`;
  try {
    await buildApp({ source, out });
  } catch (wrong) {
    return { lines: wrong.lines ?? [String(wrong)], written: existsSync(out) };
  }
  return { lines: [], written: true };
}

for (const name of Object.keys(FAULTS)) {
  test(`refused: ${name}`, async () => {
    const [file, , , words] = FAULTS[name];
    const { lines, written } = await failure(name);
    assert.ok(lines.some((line) => line.startsWith(`${file}${words}`)), lines.join('\n'));
    assert.equal(written, false);
  });
}

test('the fixture itself is built', async () => {
  const out = join(folder, 'out');
  assert.deepEqual(await buildApp({ source: FIXTURE, out }), { pages: 4, components: 2 });
  for (const file of ['index.html', 'phone.html', 'app.js', 'app.css', 'files/images/dot.png']) assert.ok(existsSync(join(out, file)), file);
});
