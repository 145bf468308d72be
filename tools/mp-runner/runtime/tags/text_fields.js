// input and textarea: a real one lies in the host.

import { change, fire, node } from './define.js';

const SHARED = {
  ...{ value: { type: null, value: '' }, placeholder: String, placeholderClass: String, placeholderStyle: String, disabled: Boolean },
  ...{ maxlength: { type: Number, value: 140 }, focus: Boolean, autoFocus: Boolean, cursor: Number, cursorSpacing: Number },
  ...{ adjustPosition: Boolean, holdKeyboard: Boolean, confirmType: String, confirmHold: Boolean, name: String },
};
const MODES = { number: 'numeric', idcard: 'text', digit: 'decimal', text: 'text' };

function build(comp, host, parts, control) {
  parts.control = host.appendChild(control);
  parts.formValue = () => control.value;
  parts.reset = () => change(comp, { value: parts.first ?? '' });
  parts.activate = () => control.focus();
  control.addEventListener('compositionstart', () => (parts.composing = true));
  control.addEventListener('compositionend', () => {
    parts.composing = false;
    typed(comp, control);
  });
  control.addEventListener('input', () => parts.composing || typed(comp, control));
  control.addEventListener('focus', () => fire(comp, 'focus', { value: control.value, height: 0 }));
  control.addEventListener('blur', () => {
    if (comp.data.focus) change(comp, { focus: false });
    fire(comp, 'blur', { value: control.value, cursor: control.selectionEnd ?? 0 });
  });
}

function typed(comp, control) {
  const answer = (given) => {
    const value = typeof given === 'string' ? given : given?.value;
    if (value !== undefined) change(comp, { value });
  };
  change(comp, { value: control.value });
  fire(comp, 'input', { value: control.value, cursor: control.selectionEnd ?? 0 }, { handleListenerReturn: answer });
}

function bring(comp, host, data) {
  const { control } = comp.parts;
  const value = data.value === null || data.value === undefined ? '' : String(data.value);
  if (control.value !== value && !comp.parts.composing) control.value = value;
  comp.parts.first ??= value;
  control.disabled = data.disabled;
  control.placeholder = data.placeholder ?? '';
  if (data.maxlength >= 0) control.maxLength = data.maxlength;
  else control.removeAttribute('maxlength');
  if (data.confirmType) control.enterKeyHint = data.confirmType;
  const color = /(?:^|;)\s*color\s*:\s*([^;]+)/.exec(data.placeholderStyle ?? '')?.[1] ?? classColor(host, data.placeholderClass);
  if (color) host.style.setProperty('--placeholder', color);
  const wanted = data.focus || (data.autoFocus && !comp.parts.focused);
  if (wanted && host.isConnected && document.activeElement !== control) take(comp);
}

function classColor(host, name) {
  if (!name || !host.isConnected) return '';
  const probe = host.appendChild(node('span', { className: name }));
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function take(comp) {
  comp.parts.focused = true;
  queueMicrotask(() => comp.parts.control.focus());
}

function whenAttached(comp, host) {
  bring(comp, host, comp.data);
}

export const input = {
  properties: { ...SHARED, type: { type: String, value: 'text' }, password: Boolean, alwaysEmbed: Boolean },
  made(comp, host, parts) {
    build(comp, host, parts, node('input', { autocomplete: 'off' }));
    parts.control.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.isComposing) return;
      event.preventDefault();
      fire(comp, 'confirm', { value: parts.control.value });
      if (!comp.data.confirmHold) parts.control.blur();
    });
  },
  render(comp, host, data) {
    const { control } = comp.parts;
    control.type = data.password ? 'password' : 'text';
    control.inputMode = MODES[data.type] ?? 'text';
    bring(comp, host, data);
  },
  attached: whenAttached,
};

export const textarea = {
  properties: { ...SHARED, autoHeight: Boolean, fixed: Boolean, showConfirmBar: Boolean, disableDefaultPadding: Boolean },
  made(comp, host, parts) {
    build(comp, host, parts, node('textarea', { rows: 1 }));
  },
  render(comp, host, data) {
    host.toggleAttribute('data-auto-height', data.autoHeight);
    bring(comp, host, data);
    if (data.autoHeight) grow(comp, host);
  },
  attached(comp, host) {
    bring(comp, host, comp.data);
    if (comp.data.autoHeight) grow(comp, host);
  },
};

function grow(comp, host) {
  const { control } = comp.parts;
  control.style.height = 'auto';
  const height = control.scrollHeight;
  if (!height) return;
  control.style.height = `${height}px`;
  host.style.height = `${height}px`;
  if (comp.parts.height === height) return;
  comp.parts.height = height;
  const line = parseFloat(getComputedStyle(control).lineHeight) || 20;
  fire(comp, 'linechange', { height, heightRpx: Math.round(height / (innerWidth / 750)), lineCount: Math.round(height / line) });
}
