// What the phone's owner allows: asked once for each scope, then kept, and changed in the settings.

import { call, Refused } from '../call.js';
import { ask } from '../shell/ui.js';
import { node } from '../tags/define.js';
import * as settings from '../settings.js';
import { requirePrivacy } from './privacy.js';

const SCOPES = {
  'scope.userLocation': '你的位置信息',
  'scope.userFuzzyLocation': '你的模糊位置信息',
  'scope.camera': '你的摄像头',
};

let reasons = {};

/** `permission` of app.json: what each scope is for. */
export function setReasons(given) {
  reasons = given ?? {};
}

/** Asks where nobody was asked before; Refused where it was, or is now, denied. */
export async function permit(scope, referrer) {
  if (!Object.hasOwn(SCOPES, scope)) throw new Refused('invalid scope');
  await requirePrivacy(referrer);
  const known = settings.get('scopes')[scope];
  if (known === true) return;
  if (known === false) throw new Refused('auth deny', { errno: 3 });
  const text = reasons[scope]?.desc ?? '';
  const allowed = await ask({ title: `随手拍 申请使用${SCOPES[scope]}`, text, cancel: '拒绝', confirm: '允许', sheet: false });
  settings.set('scopes', { ...settings.get('scopes'), [scope]: allowed === true });
  if (!allowed) throw new Refused('auth deny', { errno: 3 });
}

async function openSetting() {
  const known = Object.entries(settings.get('scopes'));
  const boxes = known.map(([scope, on]) => [scope, node('input', { type: 'checkbox', checked: on })]);
  const rows = boxes.map(([scope, box]) => node('label', { className: 'mp-row' }, box, SCOPES[scope] ?? scope));
  await ask({ title: '设置', text: rows.length ? '允许“随手拍”使用' : '还没有申请过权限。', body: () => node('div', {}, ...rows), confirm: '返回' });
  settings.set('scopes', Object.fromEntries(boxes.map(([scope, box]) => [scope, box.checked])));
  return { authSetting: { ...settings.get('scopes') } };
}

/** The phone's own settings of WeChat: place and camera for all mini programs. */
async function openAppAuthorizeSetting() {
  const place = node('input', { type: 'checkbox', checked: settings.get('locationOn') });
  const camera = node('input', { type: 'checkbox', checked: settings.get('scopes')['scope.camera'] !== false });
  const rows = [['位置', place], ['相机', camera]].map(([words, box]) => node('label', { className: 'mp-row' }, box, words));
  await ask({ title: '手机设置', text: '允许“微信”使用', body: () => node('div', {}, ...rows), confirm: '返回' });
  settings.set('locationOn', place.checked);
  settings.set('scopes', { ...settings.get('scopes'), 'scope.camera': camera.checked });
}

export const permission = {
  getSetting: call('getSetting', ({ withSubscriptions }) => ({
    authSetting: { ...settings.get('scopes') },
    ...(withSubscriptions ? { subscriptionsSetting: { mainSwitch: true, itemSettings: settings.get('subscriptions') } } : {}),
  })),
  authorize: call('authorize', ({ scope }) => permit(scope, 'authorize')),
  openSetting: call('openSetting', openSetting),
  openAppAuthorizeSetting: call('openAppAuthorizeSetting', openAppAuthorizeSetting),
};
