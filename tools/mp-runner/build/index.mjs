// Checks the source, and writes what a browser needs to run it.

import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAllow, scriptsOf, writeBundle } from './bundle.mjs';
import { BuildFailed, Faults } from './faults.mjs';
import { checkScript } from './js_check.mjs';
import { Source } from './source.mjs';
import { Templates } from './templates.mjs';
import { css, withImports } from './wxss.mjs';

const HERE = dirname(dirname(fileURLToPath(import.meta.url)));
const LEAFLET = resolve(HERE, '../../app/vendor/packages/leaflet');

/**
 * Builds.
 *
 * @param {object} options
 * @param {string} [options.source] the folder with app.json
 * @param {string} [options.out] where index.html, phone.html, app.js and the rest go
 * @param {string} [options.production] the address that the mini program calls; by default what config.js says
 * @throws BuildFailed with a line for each fault
 */
export async function buildApp({ source: root, out, production }) {
  const faults = new Faults();
  const source = new Source(resolve(root), readAllow(), faults);
  if (!source.has('app.json')) throw new BuildFailed([`${join(root, 'app.json')}:1: there is no such file`]);
  source.load();
  stopAt(faults);
  const scripts = new Map();
  for (const file of await scriptsOf(source)) {
    const found = checkScript(source.read(file), source.allow, (line, words) => faults.add(file, line, words));
    scripts.set(file.replace(/\.js$/, ''), found);
  }
  const templates = new Templates(source, scripts).compiled();
  const units = unitsOf(source, scripts);
  const styles = stylesOf(source, units, faults);
  stopAt(faults);
  mkdirSync(out, { recursive: true });
  const order = ['app', ...ordered(units)];
  const base = production ?? productionOf(source);
  await writeBundle(source, { order, units, styles: styles.pages, templates, production: base }, out);
  const runner = readFileSync(join(HERE, 'runtime', 'phone.css'), 'utf8');
  writeFileSync(join(out, 'app.css'), `${runner}\n${styles.shared}`);
  copyRest(source, out);
  return { pages: source.app.pages.length, components: units.length - source.app.pages.length };
}

function stopAt(faults) {
  if (faults.list.length) throw new BuildFailed(faults.lines());
}

function unitsOf(source, scripts) {
  return [...source.units].map(([path, unit]) => {
    const options = scripts.get(path)?.options ?? {};
    const scope = unit.kind === 'component' ? path.replace(/[^\w-]+/g, '-') : '';
    return { path, kind: unit.kind, scope, config: { ...options, ...unit.config } };
  });
}

/** Components before the pages that use them. */
function ordered(units) {
  const rank = (unit) => (unit.kind === 'component' ? 0 : 1);
  return [...units].sort((a, b) => rank(a) - rank(b)).map((unit) => unit.path);
}

/** One sheet for app and components, one for each page, which counts while the page is shown. */
function stylesOf(source, units, faults) {
  const say = (file, line, words) => faults.add(file, line, words);
  const sheet = (path, scope) => {
    const text = source.read(`${path}.wxss`);
    if (text === null) return '';
    const whole = withImports(`${path}.wxss`, text, (one) => source.read(one), say);
    return css(whole, scope, (line, words) => say(`${path}.wxss`, line, words));
  };
  const pages = {};
  let shared = sheet('app', '');
  for (const { path, kind, scope, config } of units) {
    if (kind === 'page') pages[path] = sheet(path, '');
    else shared += sheet(path, config.styleIsolation === 'shared' ? '' : scope);
  }
  return { shared, pages };
}

/** `baseUrl` of the source's config.js. */
function productionOf(source) {
  if (!source.has('config.js')) return '';
  const found = createRequire(import.meta.url)(join(source.root, 'config.js'));
  return String(found.baseUrl ?? '');
}

function copyRest(source, out) {
  for (const path of source.assets()) {
    const target = join(out, 'files', path);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(source.root, path), target);
  }
  cpSync(join(HERE, 'page'), out, { recursive: true });
  if (existsSync(LEAFLET)) cpSync(LEAFLET, join(out, 'leaflet'), { recursive: true });
}
