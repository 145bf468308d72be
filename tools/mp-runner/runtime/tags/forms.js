// button, form, label.

import { hub } from '../hub.js';
import * as settings from '../settings.js';
import { agreePrivacy } from '../wx/privacy.js';
import { choosePhoneNumber } from '../wx/person.js';
import { domId, fire, sibling } from './define.js';

export const button = {
  properties: {
    ...{ size: { type: String, value: 'default' }, type: { type: String, value: 'default' }, plain: Boolean, disabled: Boolean },
    ...{ loading: Boolean, formType: String, openType: String, hoverClass: String, hoverStartTime: Number, hoverStayTime: Number },
    ...{ phoneNumberNoQuotaToast: Boolean },
  },
  role: 'button',
  made: (comp, host) => host.addEventListener('click', () => pressed(comp, host)),
  render(comp, host, data) {
    Object.assign(host.dataset, { size: data.size, type: data.type });
    for (const name of ['plain', 'loading']) host.toggleAttribute(`data-${name}`, data[name]);
    host.toggleAttribute('disabled', data.disabled);
    return { ariaDisabled: data.disabled || undefined };
  },
};

async function pressed(comp, host) {
  const { disabled, formType, openType } = comp.data;
  if (disabled) return;
  if (formType) {
    const form = host.closest('wx-form')?.__wxElement;
    if (form) (formType === 'reset' ? reset : submit)(form);
  }
  if (openType === 'getPhoneNumber') fire(comp, 'getphonenumber', await choosePhoneNumber());
  if (openType === 'agreePrivacyAuthorization') {
    agreePrivacy(comp.id);
    fire(comp, 'agreeprivacyauthorization', { errMsg: 'agreePrivacyAuthorization:ok' });
  }
  if (openType === 'openSetting') {
    const authSetting = Object.fromEntries(Object.entries(settings.get('scopes')));
    hub.wx.openSetting({ success: (result) => fire(comp, 'opensetting', { ...result, authSetting: result.authSetting ?? authSetting }) });
  }
  if (openType === 'share') hub.shell.share({ from: 'button', target: comp });
}

/** Every field of the form that has a name. */
function fields(form) {
  const hosts = [...form.getBackendElement().querySelectorAll('*')];
  return hosts.map((one) => one.__wxElement).filter((one) => one?.data?.name !== undefined && one.data.name !== '');
}

function submit(form) {
  const value = {};
  for (const field of fields(form)) value[field.data.name] = field.parts?.formValue ? field.parts.formValue() : field.data.value;
  fire(form, 'submit', { value, formId: '' });
}

function reset(form) {
  for (const field of fields(form)) field.parts?.reset?.();
  fire(form, 'reset', {});
}

export const form = { properties: { reportSubmit: Boolean }, role: 'form' };

const CONTROLS = 'wx-input,wx-textarea,wx-checkbox,wx-radio,wx-switch,wx-slider,wx-picker,wx-button';

function target(comp, host) {
  const named = sibling(comp, comp.data.for)?.getBackendElement();
  return comp.data.for ? named : host.querySelector(CONTROLS);
}

/** What is written in the label names the control, unless that has a name of its own. */
function nameIt(comp, host) {
  const control = target(comp, host)?.__wxElement?.parts?.control;
  if (control && !control.hasAttribute('aria-label')) control.setAttribute('aria-labelledby', domId(host));
}

export const label = {
  properties: { for: String },
  made(comp, host) {
    host.addEventListener('click', (event) => {
      if (event.target.closest(CONTROLS)) return;
      target(comp, host)?.__wxElement?.parts?.activate?.();
    });
  },
  attached: (comp, host) => queueMicrotask(() => nameIt(comp, host)),
};
