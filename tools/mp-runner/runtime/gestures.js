// Touches, taps and long presses of the whole page. A tap is a click, so that a mouse, a finger, a
// keyboard and a screen reader all make one.

import { elementOf, emit } from './backend.js';

const LONG_PRESS_MS = 350;
const STILL_PX = 10;
/** Keys of roles that are not native ones; a host gets its role from the mini program. */
const ACTIVE = '[role=button],[role=link],[role=checkbox],[role=radio],[role=switch],[role=tab],[role=option],[role=menuitem]';

let press = null;
let touched = 0;

/** Told to `tap` listeners that lie around the node, unless the host says that it does it itself. */
export function listenTo(root) {
  root.addEventListener('click', tapped, true);
  for (const type of ['touchstart', 'touchmove', 'touchend', 'touchcancel']) {
    root.addEventListener(type, (event) => touch(type, event), { capture: true, passive: false });
  }
  root.addEventListener('mousedown', (event) => mouse('touchstart', event), true);
  root.addEventListener('mousemove', (event) => event.buttons && mouse('touchmove', event), true);
  root.addEventListener('mouseup', (event) => mouse('touchend', event), true);
  root.addEventListener('keydown', key);
  for (const type of ['transitionend', 'animationend']) {
    root.addEventListener(type, (event) => send(event, type, {}), true);
  }
}

function tapped(event) {
  const held = press?.long;
  press = null;
  if (held || isHeldBack(event.target)) return;
  const { clientX: x, clientY: y } = event;
  const point = { identifier: 0, clientX: x, clientY: y, pageX: x, pageY: y };
  send(event, 'tap', { x, y }, { touches: [point], changedTouches: [point] });
}

function isHeldBack(node) {
  if (node.closest('[data-own-tap]')) return true;
  const host = node.closest('wx-button');
  return host !== null && host.getAttribute('aria-disabled') === 'true';
}

function send(event, type, detail, extraFields = {}) {
  const element = elementOf(event.target);
  if (!element) return;
  emit(element, type, detail, { originalEvent: event, bubbles: true, composed: true, capturePhase: true, extraFields });
}

function plain({ identifier, clientX, clientY }) {
  return { identifier, clientX, clientY, pageX: clientX, pageY: clientY };
}

function touch(type, event) {
  touched = Date.now();
  const extra = { touches: [...event.touches].map(plain), changedTouches: [...event.changedTouches].map(plain) };
  follow(type, event, extra.changedTouches[0]);
  send(event, type, {}, extra);
  if (type === 'touchmove' && event.cancelable && isCaught(event.target, type)) event.preventDefault();
}

/** Who catches a move keeps everything around the finger from being scrolled, its own content too. */
function isCaught(target, type) {
  return pathOf(target).some(({ listeners, captureListeners }) => listeners?.[type]?.finalCount || captureListeners?.[type]?.finalCount);
}

/** A mouse is a finger, except for the clicks that browsers make of touches. */
function mouse(type, event) {
  if (Date.now() - touched < 1000) return;
  const point = plain({ identifier: 0, clientX: event.clientX, clientY: event.clientY });
  follow(type, event, point);
  send(event, type, {}, { touches: type === 'touchend' ? [] : [point], changedTouches: [point] });
}

function follow(type, event, point) {
  if (type === 'touchstart') {
    cancel();
    const { target } = event;
    const timer = setTimeout(() => longPress(target, event, point), LONG_PRESS_MS);
    press = { x: point.clientX, y: point.clientY, timer, long: false };
  } else if (type === 'touchmove') {
    const far = press && Math.hypot(point.clientX - press.x, point.clientY - press.y) > STILL_PX;
    if (far) cancel();
  } else if (press) clearTimeout(press.timer);
}

function cancel() {
  if (press) clearTimeout(press.timer);
  press = null;
}

function longPress(target, event, point) {
  const listens = pathOf(target).some(({ listeners }) => listeners?.longpress || listeners?.longtap);
  if (press) press.long = listens;
  const detail = { x: point.clientX, y: point.clientY };
  for (const type of ['longpress', 'longtap']) send(event, type, detail, { touches: [point], changedTouches: [point] });
}

function pathOf(node) {
  const found = [];
  for (let at = node; at; at = at.parentNode) if (at.__wxElement) found.push(at.__wxElement._$eventTarget ?? {});
  return found;
}

function key(event) {
  const own = event.target.matches?.(ACTIVE) && event.target.localName.includes('-');
  if (!own || (event.key !== 'Enter' && event.key !== ' ')) return;
  event.preventDefault();
  event.target.click();
}
