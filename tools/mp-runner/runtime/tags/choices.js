// checkbox, radio, their groups, switch, slider: real inputs lie in the hosts.

import { change, domId, fire, node } from './define.js';

/** A tap anywhere on the host is one on its input. */
function holding(comp, host, parts, control) {
  parts.control = control;
  host.prepend(control);
  parts.activate = () => control.click();
  host.addEventListener('click', (event) => {
    if (event.target !== control && !control.disabled) control.click();
  });
}

function named(comp, host) {
  const { control } = comp.parts;
  const own = comp.data.ariaLabel;
  if (!own && host.textContent.trim()) control.setAttribute('aria-labelledby', domId(host));
}

function choice(type, group) {
  return {
    properties: { value: { type: null, value: '' }, checked: Boolean, disabled: Boolean, color: String },
    made(comp, host, parts) {
      const control = node('input', { type });
      holding(comp, host, parts, control);
      control.addEventListener('change', () => {
        change(comp, { checked: control.checked });
        const found = host.closest(group)?.__wxElement;
        if (found) chosen(found, comp);
      });
    },
    render(comp, host, data) {
      const { control } = comp.parts;
      control.checked = data.checked;
      control.disabled = data.disabled;
      if (data.color) control.style.accentColor = data.color;
    },
    attached: (comp, host) => queueMicrotask(() => named(comp, host)),
  };
}

function members(group) {
  const tag = group.parts.tag === 'radio-group' ? 'wx-radio' : 'wx-checkbox';
  return [...group.getBackendElement().querySelectorAll(tag)].map((host) => host.__wxElement);
}

function valueOf(group) {
  const on = members(group).filter((one) => one.data.checked);
  return group.parts.tag === 'radio-group' ? (on[0]?.data.value ?? '') : on.map((one) => one.data.value);
}

function chosen(group, comp) {
  if (group.parts.tag === 'radio-group') {
    for (const other of members(group)) if (other !== comp && other.data.checked) change(other, { checked: false });
  }
  fire(group, 'change', { value: valueOf(group) });
}

function groupOf(role) {
  return {
    properties: { name: String },
    role,
    made(comp, host, parts) {
      parts.formValue = () => valueOf(comp);
      parts.reset = () => members(comp).forEach((one) => change(one, { checked: false }));
    },
  };
}

const toggle = {
  properties: { checked: Boolean, disabled: Boolean, type: { type: String, value: 'switch' }, color: String, name: String },
  made(comp, host, parts) {
    const control = node('input', { type: 'checkbox' });
    holding(comp, host, parts, control);
    parts.formValue = () => control.checked;
    parts.reset = () => change(comp, { checked: false });
    control.addEventListener('change', () => {
      change(comp, { checked: control.checked });
      fire(comp, 'change', { value: control.checked });
    });
  },
  render(comp, host, data) {
    const { control } = comp.parts;
    host.dataset.type = data.type;
    if (data.type === 'switch') control.setAttribute('role', 'switch');
    control.checked = data.checked;
    control.disabled = data.disabled;
    if (data.color) host.style.setProperty('--on', data.color);
  },
};

const slider = {
  properties: {
    ...{ min: Number, max: { type: Number, value: 100 }, step: { type: Number, value: 1 }, value: Number, disabled: Boolean },
    ...{ showValue: Boolean, activeColor: String, backgroundColor: String, blockSize: Number, blockColor: String, name: String },
  },
  made(comp, host, parts) {
    const control = node('input', { type: 'range' });
    parts.control = host.appendChild(control);
    parts.shown = host.appendChild(node('span', { className: 'mp-info' }));
    parts.formValue = () => Number(control.value);
    parts.reset = () => change(comp, { value: comp.data.min });
    control.addEventListener('input', () => fire(comp, 'changing', { value: Number(control.value) }));
    control.addEventListener('change', () => {
      change(comp, { value: Number(control.value) });
      fire(comp, 'change', { value: Number(control.value) });
    });
  },
  render({ parts }, host, data) {
    Object.assign(parts.control, { min: data.min, max: data.max, step: data.step, disabled: data.disabled });
    parts.control.value = data.value;
    parts.control.style.accentColor = data.activeColor || '';
    parts.shown.textContent = data.showValue ? String(data.value) : '';
  },
};

export const choices = {
  checkbox: choice('checkbox', 'wx-checkbox-group'),
  radio: choice('radio', 'wx-radio-group'),
  'checkbox-group': groupOf('group'),
  'radio-group': groupOf('radiogroup'),
  switch: toggle,
  slider,
};
