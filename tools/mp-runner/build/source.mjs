// The source as the platform reads it: app.json, pages, the components they use, templates, scripts.

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lineAt } from './faults.mjs';
import { resolved } from './wxss.mjs';

export class Source {
  /** @param root the folder that holds app.json; faults name files below it */
  constructor(root, allow, faults) {
    this.root = root;
    this.allow = allow;
    this.faults = faults;
    /** By path: { kind: 'page' | 'component', config, using: name → path } */
    this.units = new Map();
    this.app = {};
  }

  has(path) {
    const full = join(this.root, path);
    return existsSync(full) && statSync(full).isFile();
  }

  /** The text of a file below the root; null where there is none. */
  read(path) {
    return this.has(path) ? readFileSync(join(this.root, path), 'utf8') : null;
  }

  say(file, line, words) {
    this.faults.add(file, line, words);
  }

  load() {
    this.app = this.json('app.json', this.allow.appConfig) ?? {};
    if (!this.has('app.js')) this.say('app.js', 1, 'there is no such file');
    const pages = this.app.pages ?? [];
    if (!pages.length) this.say('app.json', 1, 'pages names no page');
    const shared = this.using('app.json', '', this.app.usingComponents ?? {});
    for (const path of pages) this.unit(path, 'page', shared, 'app.json');
    for (const tab of this.app.tabBar?.list ?? []) {
      if (!pages.includes(tab.pagePath)) this.missing('app.json', tab.pagePath, 'the tab bar names no page of the app');
      for (const icon of [tab.iconPath, tab.selectedIconPath]) {
        if (icon && !this.has(icon)) this.missing('app.json', icon, 'there is no such file');
      }
    }
    this.checkWindow('app.json', this.app.window ?? {});
    return this;
  }

  /** A JSON file with known keys only; null where it cannot be read. */
  json(path, keys) {
    const text = this.read(path);
    if (text === null) return null;
    let found;
    try {
      found = JSON.parse(text);
    } catch (wrong) {
      const at = /position (\d+)/.exec(wrong.message);
      this.say(path, at ? lineAt(text, Number(at[1])) : 1, `not JSON: ${wrong.message}`);
      return null;
    }
    for (const key of Object.keys(found)) {
      if (!keys.includes(key)) this.missing(path, key, 'is not in the allow-list');
    }
    return found;
  }

  checkWindow(path, window) {
    for (const key of Object.keys(window)) {
      if (!this.allow.pageConfig.includes(key)) this.missing(path, key, 'is not in the allow-list');
    }
  }

  /** A fault at the line where a JSON file has that text. */
  missing(file, text, words) {
    const content = this.read(file) ?? '';
    const at = content.indexOf(`"${text}"`);
    this.say(file, at === -1 ? 1 : lineAt(content, at), `${text}: ${words}`);
  }

  /** @param word what `from` calls it, to find its line */
  unit(path, kind, shared, from, word = path) {
    if (this.units.has(path)) return;
    const lacks = ['.js', '.wxml'].filter((ending) => !this.has(path + ending));
    for (const ending of lacks) this.missing(from, word, `there is no ${path}${ending}`);
    if (kind === 'component' && !this.has(`${path}.json`)) this.missing(from, word, `there is no ${path}.json`);
    if (lacks.length) return;
    const config = this.json(`${path}.json`, this.allow.pageConfig) ?? {};
    if (kind === 'component' && config.component !== true) {
      this.say(`${path}.json`, 1, 'a component needs "component": true');
    }
    const unit = { kind, config, using: shared };
    this.units.set(path, unit);
    const own = this.using(`${path}.json`, path, config.usingComponents ?? {});
    unit.using = new Map([...shared, ...own]);
    config.usingComponents = Object.fromEntries([...unit.using].map(([name, at]) => [name, `/${at}`]));
  }

  using(file, path, names) {
    const found = new Map();
    for (const [name, target] of Object.entries(names)) {
      const at = resolved(path, target);
      if (Object.hasOwn(this.allow.tags, name)) this.missing(file, name, 'is the name of a tag of the platform');
      found.set(name, at);
      this.unit(at, 'component', new Map(), file, target);
    }
    return found;
  }

  /** Files that are neither code, template, style nor configuration: pictures and the like. */
  assets(folder = '') {
    const found = [];
    for (const entry of readdirSync(join(this.root, folder), { withFileTypes: true })) {
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      if (entry.isDirectory()) found.push(...this.assets(path));
      else if (/\.(png|jpe?g|gif|svg|webp)$/i.test(entry.name)) found.push(path);
    }
    return found;
  }
}
