// Reads WXML for its tags and attributes, with lines; compiling it is the template compiler's work.

import { lineAt } from './faults.mjs';

const NAME = /[A-Za-z][\w-]*/y;
const ATTRIBUTE = /\s*([^\s=>/"']+)(?:\s*=\s*("[^"]*"|'[^']*'|\{\{[\s\S]*?\}\}|[^\s>"']+))?/y;

/** The opening tags of a template: name, line, and attributes with name, value (or null), line. */
export function tagsOf(text) {
  const tags = [];
  let at = 0;
  while ((at = nextTag(text, at)) !== -1) {
    if (text.startsWith('<!--', at)) {
      const end = text.indexOf('-->', at);
      at = end === -1 ? text.length : end + 3;
      continue;
    }
    NAME.lastIndex = at + 1;
    const name = NAME.exec(text)?.[0];
    if (!name) {
      at += 1;
      continue;
    }
    const tag = { name, line: lineAt(text, at), attributes: [] };
    at = attributes(text, NAME.lastIndex, tag);
    tags.push(tag);
    if (name === 'wxs' && text[at - 2] !== '/') {
      const end = text.indexOf('</wxs>', at);
      at = end === -1 ? text.length : end;
    }
  }
  return tags;
}

/** Where the next `<` is that is not inside `{{ }}`. */
function nextTag(text, from) {
  let at = from;
  for (;;) {
    const tag = text.indexOf('<', at);
    const braces = text.indexOf('{{', at);
    if (tag === -1 || braces === -1 || tag < braces) return tag;
    const end = text.indexOf('}}', braces);
    if (end === -1) return -1;
    at = end + 2;
  }
}

/** Reads attributes into the tag; the position behind its `>`. */
function attributes(text, from, tag) {
  let at = from;
  for (;;) {
    const rest = /\s*\/?>/y;
    rest.lastIndex = at;
    if (rest.test(text)) return rest.lastIndex;
    ATTRIBUTE.lastIndex = at;
    const found = ATTRIBUTE.exec(text);
    if (!found) return at + 1;
    const [whole, name, value] = found;
    const start = at + whole.length - whole.trimStart().length;
    tag.attributes.push({ name, value: unquoted(value), line: lineAt(text, start) });
    at = ATTRIBUTE.lastIndex;
  }
}

function unquoted(value) {
  if (value === undefined) return null;
  return /^["']/.test(value) ? value.slice(1, -1) : value;
}
