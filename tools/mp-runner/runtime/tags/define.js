// How a tag of the platform becomes a component of the framework: properties, a host in the document,
// and one function that brings the host in line with the properties, as often as need be.

import { emit } from '../backend.js';

const ARIA = [
  ...['ariaRole', 'ariaLabel', 'ariaHidden', 'ariaChecked', 'ariaDisabled', 'ariaExpanded', 'ariaHaspopup'],
  ...['ariaInvalid', 'ariaLevel', 'ariaLive', 'ariaModal', 'ariaMultiselectable', 'ariaOrientation', 'ariaPressed'],
  ...['ariaReadonly', 'ariaRequired', 'ariaSelected', 'ariaValuemax', 'ariaValuemin', 'ariaValuenow', 'ariaValuetext'],
  'tabindex',
];
const ACTIVE = new Set(['button', 'link', 'checkbox', 'radio', 'switch', 'tab', 'option', 'menuitem']);
const ANY = { type: null, value: undefined };

/** Properties that every host has, the mini program's own components too. */
export const commonProperties = { hidden: { type: Boolean, value: false }, ...Object.fromEntries(ARIA.map((one) => [one, ANY])) };

/**
 * Writes the common properties to an element: the host, or the control in it that has the role.
 *
 * @param own what the tag itself says where the mini program says nothing
 */
export function applyCommon(host, data, control = host, role = null, own = {}) {
  host.hidden = Boolean(data.hidden);
  for (const name of ARIA) {
    if (name === 'ariaRole' || name === 'tabindex') continue;
    write(control, `aria-${name.slice(4).toLowerCase()}`, data[name] ?? own[name]);
  }
  if (control !== host) return;
  const found = data.ariaRole || role;
  write(host, 'role', found);
  const disabled = host.getAttribute('aria-disabled') === 'true';
  const reachable = data.tabindex ?? own.tabindex ?? (ACTIVE.has(found) ? (disabled ? '-1' : '0') : undefined);
  write(host, 'tabindex', reachable);
}

function write(element, name, value) {
  if (value === undefined || value === null || value === '') element.removeAttribute(name);
  else element.setAttribute(name, String(value));
}

/**
 * Defines one tag.
 *
 * @param space the component space of the mini program
 * @param {string} name
 * @param {object} spec
 * @param {object} [spec.properties] name → type, or { type, value }
 * @param {string} [spec.role]
 * @param {(comp: any, host: any, parts: any) => void} [spec.made] once
 * @param {(comp: any, host: any, data: any) => any} [spec.render] after each change; may give aria
 *   properties that hold where the mini program says nothing
 * @param {(comp: any, host: any) => void} [spec.attached]
 * @param {(comp: any, host: any) => void} [spec.detached]
 */
export function defineTag(space, name, spec) {
  const properties = { ...commonProperties };
  for (const [key, given] of Object.entries(spec.properties ?? {})) {
    properties[key] = given !== null && typeof given === 'object' ? given : { type: given };
  }
  const render = (comp) => {
    const host = comp.getBackendElement();
    if (!comp.parts) return;
    const own = spec.render?.(comp, host, comp.data) ?? {};
    applyCommon(host, comp.data, comp.parts.control ?? host, spec.role ?? null, own);
  };
  const made = space.defineComponent({
    is: `wx/${name}`,
    properties,
    observers: { '**'() { render(this); } },
    lifetimes: {
      created() {
        const host = this.getBackendElement();
        const parts = { tag: name };
        this.parts = parts;
        spec.made?.(this, host, parts);
        render(this);
      },
      attached() { spec.attached?.(this, this.getBackendElement()); },
      detached() { spec.detached?.(this, this.getBackendElement()); },
    },
  });
  space.setGlobalUsingComponent(name, made);
}

/** Sets properties as the person did, so that `model:` hears of it. */
export function change(comp, values) {
  comp.setData(values);
}

/** An event of a tag: it does not bubble. */
export function fire(comp, type, detail, options) {
  emit(comp, type, detail, options);
}

export function node(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (key in made && key !== 'list') made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

let number = 0;

/** A name in the document, for labels. */
export function domId(element) {
  if (!element.id) element.id = `mp-${(number += 1)}`;
  return element.id;
}

/** The element with an id in the template that holds this one. */
export function sibling(comp, id) {
  return id ? comp.ownerShadowRoot?.getElementById(id) : null;
}
