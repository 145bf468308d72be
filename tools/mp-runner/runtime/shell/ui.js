// Dialogs, sheets, toasts: what the platform itself draws over the page.

import { node } from '../tags/define.js';

let layer;

export function openLayer(root) {
  layer = root.appendChild(node('div', { className: 'mp-layer' }));
}

/**
 * A dialog; null when it was cancelled, else what `settle` was given, or true for the confirming button.
 *
 * @param {object} given
 * @param {string} [given.title]
 * @param {string} [given.text]
 * @param {(settle: (answer: any) => void) => HTMLElement} [given.body]
 * @param {string} [given.cancel] words of the button; none: no button
 * @param {string} [given.confirm] words of the button; none: no button
 * @param {() => any} [given.result] what confirming gives
 * @param {boolean} [given.sheet] whether it comes from below
 */
export function ask(given) {
  return new Promise((resolve) => {
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    const settle = (answer) => {
      if (!shade.isConnected) return;
      shade.remove();
      before?.focus?.({ preventScroll: true });
      resolve(answer);
    };
    const shade = node('div', { className: `mp-shade${given.sheet ? ' mp-from-below' : ''}` }, dialog(given, settle));
    shade.addEventListener('keydown', (event) => trap(event, shade, () => given.cancel !== undefined && settle(null)));
    shade.addEventListener('click', (event) => {
      if (event.target === shade && given.sheet) settle(null);
    });
    layer.append(shade);
    (shade.querySelector('[data-first]') ?? shade.querySelector('button, input, select, textarea'))?.focus();
  });
}

function dialog(given, settle) {
  const box = node('div', { className: 'mp-dialog', role: 'dialog', ariaModal: 'true', ariaLabel: given.title || given.text || '提示' });
  if (given.title) box.append(node('div', { className: 'mp-dialog-title' }, given.title));
  if (given.text) box.append(node('div', { className: 'mp-dialog-text' }, given.text));
  const body = given.body?.(settle);
  if (body) box.append(body);
  const buttons = [];
  if (given.cancel) buttons.push(node('button', { type: 'button', onclick: () => settle(null) }, given.cancel));
  if (given.confirm) {
    const confirm = node('button', { type: 'button', className: 'mp-main', onclick: () => settle(given.result?.() ?? true) }, given.confirm);
    confirm.dataset.first = '';
    buttons.push(confirm);
  }
  if (buttons.length) box.append(node('div', { className: 'mp-dialog-buttons' }, ...buttons));
  return box;
}

function trap(event, shade, cancel) {
  if (event.key === 'Escape') cancel();
  if (event.key !== 'Tab') return;
  const all = [...shade.querySelectorAll('button, input, select, textarea, [tabindex="0"]')];
  const [first, last] = [all[0], all.at(-1)];
  const leaves = event.shiftKey ? document.activeElement === first : document.activeElement === last;
  if (!leaves) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}

let shown = null;

/** A toast or the loading sign; only one is seen at a time. */
export function notice(kind, { title = '', icon = 'success', mask = false }) {
  hideNotice();
  const sign = { success: '✓', error: '×', loading: '◌' }[kind === 'loading' ? 'loading' : icon];
  const box = node('div', { className: 'mp-toast', role: 'status' });
  if (sign) box.append(node('span', { className: `mp-sign mp-sign-${kind}`, ariaHidden: 'true' }, sign));
  box.append(node('span', {}, title));
  shown = { kind, element: node('div', { className: `mp-toast-place${mask ? ' mp-mask' : ''}` }, box) };
  layer.append(shown.element);
}

export function hideNotice(kind) {
  if (!shown || (kind && shown.kind !== kind)) return;
  shown.element.remove();
  shown = null;
}

export function closeAll() {
  layer.replaceChildren();
  shown = null;
}
