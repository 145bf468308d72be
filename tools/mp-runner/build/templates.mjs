// WXML and WXS of all units: checked, then compiled into one expression.

import { createRequire } from 'node:module';
import { lineAt } from './faults.mjs';
import { tagsOf } from './wxml.mjs';
import { checkTags } from './wxml_check.mjs';
import { resolved } from './wxss.mjs';

const { TmplGroup } = createRequire(import.meta.url)('glass-easel-template-compiler');

/** What WXS has beside the language. */
const WXS_GLOBALS = `
var getDate = function () { return new (Function.prototype.bind.apply(Date, [null].concat([].slice.call(arguments)))) };
var getRegExp = function (source, flags) { return new RegExp(source, flags) };
`;

export class Templates {
  /** @param scripts by path of a unit: what `checkScript` found */
  constructor(source, scripts) {
    this.source = source;
    this.scripts = scripts;
    this.read = new Map();
    this.group = new TmplGroup();
    this.wxs = new Set();
  }

  /** Checks and compiles everything; an expression of JavaScript. */
  compiled() {
    for (const [path, unit] of this.source.units) this.check(path, unit);
    this.group.setExtraRuntimeScript(WXS_GLOBALS);
    return this.group.getTmplGenObjectGroups();
  }

  check(path, unit) {
    const files = this.closure(path);
    const templates = new Set();
    for (const file of files) {
      for (const tag of this.read.get(file).tags) {
        const name = tag.name === 'template' && tag.attributes.find((one) => one.name === 'name');
        if (name) templates.add(name.value);
      }
    }
    const script = this.scripts.get(path);
    const methods = script && !script.behaviors ? script.names : null;
    const known = { allow: this.source.allow, using: new Set(unit.using.keys()), templates };
    for (const file of files) {
      const own = file === path ? { ...known, methods } : { ...known, methods: null };
      checkTags(this.read.get(file).tags, own, (line, words) => this.source.say(`${file}.wxml`, line, words));
    }
  }

  /** Paths without ending: the template and all that it imports or includes. */
  closure(path, seen = []) {
    if (seen.includes(path)) return seen;
    const found = this.template(path);
    let all = [...seen, path];
    for (const target of found.targets) all = this.closure(target, all);
    return all;
  }

  template(path) {
    const known = this.read.get(path);
    if (known) return known;
    const file = `${path}.wxml`;
    const text = this.source.read(file) ?? '';
    const found = { tags: tagsOf(text), targets: [] };
    this.read.set(path, found);
    for (const problem of this.group.addTmpl(path, text)) {
      this.source.say(file, problem.startLine + 1, problem.message);
    }
    this.dynamicAttributes(file, text);
    for (const tag of found.tags) this.follow(path, tag, found);
    return found;
  }

  /** `{{` without an end swallows the rest of the file in silence. */
  dynamicAttributes(file, text) {
    for (let at = text.indexOf('{{'); at !== -1; at = text.indexOf('{{', at + 2)) {
      const end = text.indexOf('}}', at);
      const next = text.indexOf('{{', at + 2);
      if (end === -1 || (next !== -1 && next < end)) this.source.say(file, lineAt(text, at), '{{ without }}');
    }
  }

  follow(path, tag, found) {
    const src = tag.attributes.find((one) => one.name === 'src');
    if (!src || !['import', 'include', 'wxs'].includes(tag.name)) return;
    const ending = tag.name === 'wxs' ? '.wxs' : '.wxml';
    const target = resolved(path, src.value).replace(new RegExp(`\\${ending}$`), '');
    if (!this.source.has(target + ending)) {
      this.source.say(`${path}.wxml`, src.line, `${src.value}: there is no such file`);
    } else if (tag.name === 'wxs') this.script(target);
    else found.targets.push(target);
  }

  script(path) {
    if (this.wxs.has(path)) return;
    this.wxs.add(path);
    const text = this.source.read(`${path}.wxs`);
    for (const found of text.matchAll(/require\(\s*["']([^"']+)["']\s*\)/g)) {
      const target = resolved(path, found[1]).replace(/\.wxs$/, '');
      if (this.source.has(`${target}.wxs`)) this.script(target);
      else this.source.say(`${path}.wxs`, lineAt(text, found.index), `${found[1]}: there is no such file`);
    }
    // The compiler's modules are named without their ending, and WXS asks for them with it.
    this.group.addScript(path, text.replace(/(require\(\s*["'][^"']+)\.wxs(["']\s*\))/g, '$1$2'));
  }
}
