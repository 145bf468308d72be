// WXSS to CSS: imports put in place, units, names of tags, and class names of a component's scope.

import { lineAt } from './faults.mjs';
import { browserUnits } from '../units.mjs';

const IMPORT = /@import\s+(?:url\(\s*)?["']([^"']+)["']\s*\)?\s*;/g;

/**
 * The text with every `@import` replaced by what the file holds.
 *
 * @param read takes a path from the root of the source; gives text or null
 */
export function withImports(path, text, read, say, seen = [path]) {
  return text.replace(IMPORT, (whole, target, position) => {
    const found = resolved(path, target);
    if (seen.includes(found)) return '';
    const content = read(found);
    if (content === null) {
      say(path, lineAt(text, position), `@import of ${target}: there is no such file`);
      return '';
    }
    return withImports(found, content, read, say, [...seen, found]);
  });
}

export function resolved(from, target) {
  const base = target.startsWith('/') ? [] : from.split('/').slice(0, -1);
  const parts = [];
  for (const part of [...base, ...target.split('/')]) {
    if (part === '..') parts.pop();
    else if (part && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** CSS of a style sheet; `scope` is put before class names, as the framework does in the page. */
export function css(text, scope, refuse) {
  const clean = text.replace(/\/\*[\s\S]*?\*\//g, (one) => one.replace(/[^\n]/g, ' '));
  return rules(clean, 0, clean.length, scope, (at, words) => refuse(lineAt(clean, at), words));
}

/** Rules between two positions; each with its block, at-rules with rules of their own. */
function rules(text, from, to, scope, refuse) {
  let out = '';
  let at = from;
  while (at < to) {
    const open = text.indexOf('{', at);
    const semicolon = text.indexOf(';', at);
    if (semicolon !== -1 && semicolon < to && (open === -1 || semicolon < open)) {
      out += text.slice(at, semicolon + 1).trim();
      at = semicolon + 1;
      continue;
    }
    if (open === -1 || open >= to) {
      if (text.slice(at, to).trim()) refuse(at, 'a rule without a block');
      break;
    }
    const close = closing(text, open);
    if (close === -1) {
      refuse(open, 'a block that does not end');
      break;
    }
    const prelude = text.slice(at, open).trim();
    const start = open - text.slice(at, open).trimStart().length;
    out += block(text, { prelude, start, open, close }, scope, refuse);
    at = close + 1;
  }
  return out;
}

function block(text, { prelude, start, open, close }, scope, refuse) {
  const body = () => browserUnits(text.slice(open + 1, close).trim());
  if (/^@(media|supports|layer)/.test(prelude)) {
    return `${browserUnits(prelude)}{${rules(text, open + 1, close, scope, refuse)}}\n`;
  }
  if (/^@(-webkit-)?(keyframes|font-face|page)/.test(prelude)) return `${prelude}{${body()}}\n`;
  if (prelude.startsWith('@')) {
    refuse(start, `${prelude.split(/\s/)[0]} is not supported`);
    return '';
  }
  return `${selectors(prelude, scope, (words) => refuse(start, words))}{${body()}}\n`;
}

function closing(text, open) {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === '"' || letter === "'") {
      at = text.indexOf(letter, at + 1);
      if (at === -1) return -1;
    } else if (letter === '{') depth += 1;
    else if (letter === '}' && (depth -= 1) === 0) return at;
  }
  return -1;
}

const TOKEN = /\[[^\]]*\]|::?[\w-]+|\.(-?[A-Za-z_\u0080-\uffff][\w\u0080-\uffff-]*)|#[\w-]+|(?<![\w-])[A-Za-z][\w-]*/g;

/** Selectors as the page has them: `view` is `wx-view`, `page` the page's element. */
export function selectors(prelude, scope, refuse) {
  return prelude.replace(TOKEN, (token, name, at) => {
    if (name) return scope ? `.${scope}--${name}` : token;
    if (token[0] === '#') refuse(`${token}: ids are not written to the page; use a class`);
    if (/^[[:#]/.test(token)) return token;
    const inside = /:(nth|first|last|only)[\w-]*\([^)]*$/.test(prelude.slice(0, at));
    return inside ? token : `wx-${token}`;
  });
}
