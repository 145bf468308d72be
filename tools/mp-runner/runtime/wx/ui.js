// Toasts, dialogs, sheets, the phone's call, code reader, clipboard.

import { call, Refused } from '../call.js';
import { address } from '../files.js';
import { ask, hideNotice, notice } from '../shell/ui.js';
import { node } from '../tags/define.js';
import { requirePrivacy } from './privacy.js';

let toastTimer;

function showToast({ title, icon, image, duration = 1500, mask }) {
  if (title === undefined) throw new Refused('parameter error: parameter.title should be String instead of Undefined;');
  clearTimeout(toastTimer);
  notice('toast', { title, icon: image ? 'none' : (icon ?? 'success'), mask });
  toastTimer = setTimeout(() => hideNotice('toast'), duration);
}

async function showModal(given) {
  const { title = '', content = '', showCancel = true, cancelText = '取消', confirmText = '确定', editable, placeholderText } = given;
  for (const [name, words] of Object.entries({ cancelText, confirmText })) {
    if (words.length > 4) throw new Refused(`parameter error: ${name} length should not larger than 4 Chinese characters`);
  }
  const field = node('input', { placeholder: placeholderText ?? '', value: content, ariaLabel: placeholderText || title });
  const answer = await ask({
    title,
    text: editable ? '' : content,
    body: editable ? () => field : undefined,
    cancel: showCancel ? cancelText : undefined,
    confirm: confirmText,
  });
  return { confirm: answer !== null, cancel: answer === null, content: answer !== null && editable ? field.value : null };
}

async function showActionSheet({ itemList = [], alertText }) {
  if (!itemList.length || itemList.length > 6) throw new Refused('parameter error: itemList should have at least 1 and at most 6 items');
  const tapIndex = await sheet(alertText, itemList);
  if (tapIndex === null) throw new Refused('cancel');
  return { tapIndex };
}

/** The place of the chosen one of some words; null when it was cancelled. */
export function sheet(title, words) {
  const body = (settle) =>
    node('div', { className: 'mp-options' }, ...words.map((word, at) => node('button', { type: 'button', onclick: () => settle(at) }, word)));
  return ask({ title, sheet: true, cancel: '取消', body });
}

async function makePhoneCall({ phoneNumber }) {
  if (!phoneNumber) throw new Refused('parameter error: parameter.phoneNumber should be String instead of Undefined;');
  const answer = await ask({ title: `呼叫 ${phoneNumber}`, text: '这是演示手机，不会真的拨出。', sheet: true, cancel: '取消', confirm: '呼叫' });
  if (answer === null) throw new Refused('cancel');
}

async function scanCode() {
  const field = node('input', { ariaLabel: '码的内容', placeholder: '码的内容，或小程序码的 scene' });
  const page = node('input', { ariaLabel: '小程序码的页面', placeholder: '小程序码的页面（普通二维码不填）' });
  const answer = await ask({ title: '扫一扫', body: () => node('div', { className: 'mp-fields' }, field, page), cancel: '取消', confirm: '扫到了' });
  if (answer === null || !field.value) throw new Refused('cancel');
  if (!page.value) return { result: field.value, scanType: 'QR_CODE', charSet: 'utf-8', rawData: '' };
  const path = `${page.value}?scene=${encodeURIComponent(field.value)}`;
  return { result: path, path, scanType: 'WX_CODE', charSet: 'utf-8', rawData: '' };
}

async function previewImage({ urls = [], current }) {
  let at = Math.max(0, typeof current === 'number' ? current : urls.indexOf(current));
  const picture = node('img', { alt: '' });
  const show = (step) => {
    at = (at + step + urls.length) % urls.length;
    picture.src = address(urls[at]);
    picture.alt = `第 ${at + 1} 张，共 ${urls.length} 张`;
  };
  show(0);
  const button = (word, step) => node('button', { type: 'button', onclick: () => show(step) }, word);
  const turn = urls.length > 1 ? [button('上一张', -1), button('下一张', 1)] : [];
  ask({ title: '看大图', cancel: '关闭', body: () => node('div', { className: 'mp-preview' }, picture, ...turn) });
}

let clipboard = '';

export const ui = {
  showToast: call('showToast', showToast),
  hideToast: call('hideToast', () => hideNotice('toast')),
  showLoading: call('showLoading', (given) => notice('loading', given)),
  hideLoading: call('hideLoading', () => hideNotice('loading')),
  showModal: call('showModal', showModal),
  showActionSheet: call('showActionSheet', showActionSheet),
  makePhoneCall: call('makePhoneCall', makePhoneCall),
  scanCode: call('scanCode', scanCode),
  previewImage: call('previewImage', previewImage),
  setClipboardData: call('setClipboardData', async ({ data }) => {
    await requirePrivacy('setClipboardData');
    clipboard = String(data);
    notice('toast', { title: '内容已复制', icon: 'success' });
    toastTimer = setTimeout(() => hideNotice('toast'), 1500);
  }),
  getClipboardData: call('getClipboardData', async () => {
    await requirePrivacy('getClipboardData');
    return { data: clipboard };
  }),
  vibrateShort: call('vibrateShort', () => undefined),
  vibrateLong: call('vibrateLong', () => undefined),
  hideKeyboard: call('hideKeyboard', () => /** @type {HTMLElement | null} */ (document.activeElement)?.blur()),
};
