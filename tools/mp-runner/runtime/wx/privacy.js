// The privacy agreement: nothing personal is given before it.

import { call, Refused } from '../call.js';
import { ask } from '../shell/ui.js';
import * as settings from '../settings.js';

const NAME = '《随手拍小程序隐私保护指引》';
/** The last one that was given counts, as there. */
let listener = null;
/** Ids of agreeing buttons that were tapped. */
const tapped = new Set();
let waiting = [];

/** Waits until the person agreed; Refused when not. */
export function requirePrivacy(referrer) {
  if (settings.get('privacyAgreed')) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settle = (agreed) => {
      if (agreed) settings.set('privacyAgreed', true);
      waiting = waiting.filter((one) => one !== settle);
      if (agreed) resolve();
      else reject(new Refused('privacy permission is not authorized', { errno: 104 }));
    };
    waiting.push(settle);
    if (waiting.length > 1) return;
    if (listener) listener(answer, { referrer });
    else askItself();
  });
}

function answer({ event, buttonId }) {
  if (event === 'exposureAuthorization') return;
  const agreed = event === 'agree' && tapped.has(buttonId);
  if (event === 'agree' && !agreed) console.error(`no button ${buttonId} with open-type agreePrivacyAuthorization was tapped`);
  settleAll(agreed);
}

function settleAll(agreed) {
  for (const settle of [...waiting]) settle(agreed);
}

async function askItself() {
  const words = `使用前请阅读${NAME}。`;
  const agreed = await ask({ title: '用户隐私保护提示', text: words, cancel: '拒绝', confirm: '同意' });
  settleAll(agreed === true);
}

/** The button with open-type agreePrivacyAuthorization was tapped. */
export function agreePrivacy(id) {
  tapped.add(id);
  settings.set('privacyAgreed', true);
}

export const privacy = {
  getPrivacySetting: call('getPrivacySetting', () => ({ needAuthorization: !settings.get('privacyAgreed'), privacyContractName: NAME })),
  requirePrivacyAuthorize: call('requirePrivacyAuthorize', () => requirePrivacy('requirePrivacyAuthorize')),
  onNeedPrivacyAuthorization: (given) => void (listener = given),
  openPrivacyContract: call('openPrivacyContract', () => {
    ask({ title: NAME, text: '这里是演示用的隐私保护指引：照片、位置、手机号只用于处理您反映的问题。', confirm: '知道了' });
  }),
};
