// JavaScript against the allow-list: what of `wx` is used, and what a phone does not have.

import { parse } from 'acorn';

/** Globals of browsers and of Node that a mini program has not. */
const ABSENT = new Set(
  (
    'window document localStorage sessionStorage indexedDB fetch XMLHttpRequest WebSocket EventSource navigator ' +
    'location history alert confirm prompt FormData URL URLSearchParams Blob File FileReader Image ' +
    'Headers Request Response AbortController TextEncoder TextDecoder crypto structuredClone btoa atob ' +
    'queueMicrotask requestAnimationFrame cancelAnimationFrame MutationObserver IntersectionObserver ' +
    'CustomEvent HTMLElement process Buffer global globalThis self __dirname __filename importScripts eval'
  ).split(' '),
);

/**
 * Checks one file.
 *
 * @returns {{ names: Set<string>, behaviors: boolean, options: object, kinds: Set<string> }} names of
 *   its properties; whether it uses behaviours; literal component options; which of Page … it calls
 */
export function checkScript(text, allow, say) {
  const found = { names: new Set(), behaviors: false, options: {}, kinds: new Set() };
  let tree;
  try {
    tree = parse(text, { ecmaVersion: 2022, sourceType: 'script', locations: true, allowReturnOutsideFunction: true });
  } catch (wrong) {
    say(wrong.loc?.line ?? 1, wrong.message);
    return found;
  }
  const declared = new Set();
  walk(tree, null, (node, parent) => declares(node, parent, declared));
  walk(tree, null, (node, parent) => {
    if (node.type === 'Property' || node.type === 'PropertyDefinition') property(node, found);
    if (node.type === 'CallExpression') call(node, allow, found, say);
    if (node.regex && /\(\?<[=!]/.test(node.regex.pattern)) say(node.loc.start.line, 'iPhones before iOS 16.4 read no file with (?<= or (?<! in it');
    if (node.type === 'Identifier' && isReference(node, parent)) {
      const absent = ABSENT.has(node.name) && !declared.has(node.name);
      const asked = parent?.type === 'UnaryExpression' && parent.operator === 'typeof';
      if (absent && !asked) say(node.loc.start.line, `${node.name} does not exist in a mini program`);
      if (node.name === 'wx') platform(node, parent, allow, say);
    }
  });
  return found;
}

function walk(node, parent, visit) {
  visit(node, parent);
  for (const key of Object.keys(node)) {
    const child = node[key];
    const children = Array.isArray(child) ? child : [child];
    for (const one of children) if (one && typeof one.type === 'string') walk(one, node, visit);
  }
}

function declares(node, parent, declared) {
  if (node.type === 'VariableDeclarator') pattern(node.id, declared);
  if (/Function/.test(node.type)) node.params.forEach((one) => pattern(one, declared));
  if (/Function|Class/.test(node.type)) pattern(node.id, declared);
  if (node.type === 'CatchClause' && node.param) pattern(node.param, declared);
}

function pattern(node, declared) {
  if (!node) return;
  if (node.type === 'Identifier') declared.add(node.name);
  if (node.type === 'AssignmentPattern') pattern(node.left, declared);
  if (node.type === 'RestElement') pattern(node.argument, declared);
  if (node.type === 'ArrayPattern') node.elements.forEach((one) => pattern(one, declared));
  if (node.type === 'ObjectPattern') node.properties.forEach((one) => pattern(one.value ?? one, declared));
}

function isReference(node, parent) {
  if (!parent) return true;
  if (parent.type === 'MemberExpression' && parent.property === node) return parent.computed;
  const key = parent.type === 'Property' || parent.type === 'MethodDefinition' || parent.type === 'PropertyDefinition';
  if (key && parent.key === node && !parent.computed) return Boolean(parent.shorthand) && parent.value === node;
  return !/^(LabeledStatement|BreakStatement|ContinueStatement)$/.test(parent.type);
}

function keyOf(node) {
  if (node.computed) return null;
  return node.key.type === 'Identifier' ? node.key.name : String(node.key.value);
}

function property(node, found) {
  const key = keyOf(node);
  if (key === null) return;
  found.names.add(key);
  if (key === 'behaviors') found.behaviors = true;
  const literal = node.value?.type === 'Literal';
  if (literal && (key === 'styleIsolation' || key === 'addGlobalClass')) found.options[key] = node.value.value;
}

function call(node, allow, found, say) {
  const name = node.callee.type === 'Identifier' ? node.callee.name : '';
  const lists = { Page: 'page', Component: 'component', App: 'app' };
  if (!Object.hasOwn(lists, name)) return;
  found.kinds.add(name);
  const given = node.arguments[0];
  if (given?.type !== 'ObjectExpression') return;
  const refused = allow[`${lists[name]}OptionsRefused`] ?? [];
  const only = name === 'Component' ? allow.componentOptions : null;
  for (const one of given.properties) {
    const key = one.type === 'SpreadElement' ? null : keyOf(one);
    if (key === null) continue;
    const wrong = only ? !only.includes(key) : refused.includes(key);
    if (wrong) say(one.loc.start.line, `${name} option ${key} is not in the allow-list`);
  }
}

/** How `wx` is used here: a member by name, names taken out of it, or handed on as a whole. */
function platform(node, parent, allow, say) {
  const line = node.loc.start.line;
  const check = (name, at) => {
    if (!Object.hasOwn(allow.wx, name)) say(at, `wx.${name} is not in the allow-list`);
  };
  if (parent?.type === 'MemberExpression' && parent.object === node) {
    if (!parent.computed) check(parent.property.name, parent.property.loc.start.line);
    else if (parent.property.type === 'Literal') check(String(parent.property.value), line);
    else say(line, 'wx[…] cannot be checked: name the call');
  }
  if (parent?.type === 'VariableDeclarator' && parent.init === node && parent.id.type === 'ObjectPattern') {
    for (const one of parent.id.properties) {
      if (one.type === 'RestElement' || one.computed) say(line, 'wx cannot be checked: name the calls');
      else check(keyOf(one), one.loc.start.line);
    }
  }
}
