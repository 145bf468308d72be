// Who holds the phone: sign-in code, phone number, consents to messages.

import { call, Refused } from '../call.js';
import { ask } from '../shell/ui.js';
import { node } from '../tags/define.js';
import * as settings from '../settings.js';
import { isOn } from './network.js';
import { requirePrivacy } from './privacy.js';

function login() {
  if (!isOn()) throw new Refused('request:fail', { errno: 600001 });
  return { code: `demo-${settings.get('person')}` };
}

/** A number that is always the same for the same person. */
export function numberOf(person) {
  let sum = 7;
  for (const letter of person) sum = (sum * 31 + letter.codePointAt(0)) % 1e8;
  return `139${String(sum).padStart(8, '0')}`;
}

/** What a tap on the button for the phone number gives. */
export async function choosePhoneNumber() {
  try {
    await requirePrivacy('getPhoneNumber');
  } catch (wrong) {
    return { errMsg: `getPhoneNumber:fail ${wrong.message}`, ...wrong.more };
  }
  const number = numberOf(settings.get('person'));
  const shown = `${number.slice(0, 3)}****${number.slice(7)}`;
  const allowed = await ask({ title: '随手拍 申请获取并验证你的手机号', text: shown, sheet: true, cancel: '不允许', confirm: '允许' });
  if (!allowed) return { errMsg: 'getPhoneNumber:fail user deny' };
  return { errMsg: 'getPhoneNumber:ok', code: `phone-${number}` };
}

let inTap = false;

/** Consents may be asked for only while a tap is handled: not after an answer of the network, or of a dialog. */
export function noteTap({ target }) {
  inTap = !target.closest('.mp-layer');
  setTimeout(() => (inTap = false));
}

async function requestSubscribeMessage({ tmplIds = [] }) {
  if (!inTap) throw new Refused('can only be invoked by user TAP gesture.', { errCode: 10001 });
  if (!tmplIds.length || tmplIds.length > 3) throw new Refused('TmplIds length should be 1 to 3', { errCode: 20003 });
  if (!isOn()) throw new Refused('Network error', { errCode: 10002 });
  const always = settings.get('subscriptions');
  const open = tmplIds.filter((id) => !always[id]);
  const boxes = open.map((id) => [id, node('input', { type: 'checkbox', checked: true })]);
  const keep = node('input', { type: 'checkbox' });
  let allowed = true;
  if (open.length) {
    const rows = boxes.map(([id, box]) => node('label', { className: 'mp-row' }, box, TITLES.get(id) ?? id));
    const last = node('label', { className: 'mp-row' }, keep, '总是保持以上选择');
    allowed = await ask({ title: '随手拍 申请向你发送消息', sheet: true, cancel: '拒绝', confirm: '允许', body: () => node('div', {}, ...rows, last) });
  }
  const said = Object.fromEntries(boxes.map(([id, box]) => [id, allowed && box.checked ? 'accept' : 'reject']));
  if (keep.checked) settings.set('subscriptions', { ...always, ...said });
  const result = Object.fromEntries(tmplIds.map((id) => [id, always[id] ?? said[id]]));
  await tellPlatform(result);
  return result;
}

const TITLES = new Map();

/** The platform's names of templates, by their ids. */
export function setTitles(given) {
  for (const [id, title] of Object.entries(given ?? {})) TITLES.set(id, title);
}

let platform = null;

/** Where the stand-in of the platform takes consents; none: nobody is told. */
export function setPlatform(url) {
  platform = url;
}

/** The platform itself counts consents, whatever the mini program tells its own server. */
async function tellPlatform(result) {
  if (!platform) return;
  for (const accept of [true, false]) {
    const templates = Object.keys(result).filter((id) => (result[id] === 'accept') === accept);
    if (!templates.length) continue;
    const body = JSON.stringify({ name: settings.get('person'), template_id: templates, accept });
    await fetch(platform, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(console.error);
  }
}

export const person = {
  login: call('login', login),
  checkSession: call('checkSession', () => undefined),
  requestSubscribeMessage: call('requestSubscribeMessage', requestSubscribeMessage),
};
