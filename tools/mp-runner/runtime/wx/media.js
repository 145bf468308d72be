// Pictures: chosen, taken, made smaller, looked at.

import { call, Refused } from '../call.js';
import * as files from '../files.js';
import { ask } from '../shell/ui.js';
import { node } from '../tags/define.js';
import { scene } from '../demo_picture.js';
import { localOf } from './network.js';
import { permit } from './permission.js';
import { requirePrivacy } from './privacy.js';
import { saveFile } from './file_system.js';
import { sheet } from './ui.js';

/** Files that a test hands in: the next choice takes them, without asking anybody. */
const given = [];

export function handIn(list) {
  given.push([...list]);
}

function fromDisk(count) {
  return new Promise((resolve) => {
    const field = node('input', { type: 'file', accept: 'image/*', multiple: count > 1 });
    field.onchange = () => resolve([...field.files].slice(0, count));
    field.oncancel = () => resolve([]);
    field.click();
  });
}

/** The camera: a picture made for the demonstration, or one of this computer. */
async function fromCamera() {
  await permit('scope.camera', 'chooseMedia');
  const picture = await scene();
  const view = node('img', { alt: '取景：演示画面', src: URL.createObjectURL(picture) });
  const body = (settle) =>
    node('div', { className: 'mp-camera' }, view,
      node('button', { type: 'button', onclick: () => settle([picture]) }, '拍照'),
      node('button', { type: 'button', onclick: async () => settle(await fromDisk(1)) }, '用这台电脑上的照片'));
  return (await ask({ title: '相机', cancel: '取消', body })) ?? [];
}

async function choose({ count = 9, sourceType = ['album', 'camera'] }) {
  await requirePrivacy('chooseMedia');
  if (given.length) {
    if (sourceType.length === 1 && sourceType[0] === 'camera') await permit('scope.camera', 'chooseMedia');
    return given.shift().slice(0, count);
  }
  const both = sourceType.includes('camera') && sourceType.includes('album');
  const at = both ? await sheet('', ['拍摄', '从手机相册选择']) : sourceType.includes('camera') ? 0 : 1;
  if (at === null) return [];
  return at === 0 ? fromCamera() : fromDisk(count);
}

async function chooseMedia(options) {
  if (options.mediaType && !options.mediaType.some((one) => one === 'image' || one === 'mix')) throw new Refused('only images here');
  const chosen = await choose(options);
  if (!chosen.length) throw new Refused('cancel');
  const tempFiles = chosen.map((blob) => ({ tempFilePath: files.temporary(blob), size: blob.size, fileType: 'image' }));
  return { tempFiles, type: 'image' };
}

async function chooseImage(options) {
  const { tempFiles } = await chooseMedia(options);
  return { tempFilePaths: tempFiles.map((one) => one.tempFilePath), tempFiles: tempFiles.map(({ tempFilePath: path, size }) => ({ path, size })) };
}

async function bitmap(src) {
  const kept = files.read(src)?.blob;
  try {
    if (kept) return { image: await createImageBitmap(kept), type: kept.type };
    const address = files.address(src);
    const url = /^https?:/.test(address) ? localOf(address) : address;
    const answer = url ? await fetch(url) : null;
    if (!answer?.ok) throw new Error(`${src} not found`);
    const blob = await answer.blob();
    return { image: await createImageBitmap(blob), type: blob.type };
  } catch (wrong) {
    throw new Refused(wrong.message);
  }
}

async function compressImage({ src, quality = 80, compressedWidth, compressedHeight }) {
  const { image } = await bitmap(src);
  const width = compressedWidth ?? (compressedHeight ? (image.width * compressedHeight) / image.height : image.width);
  const height = compressedHeight ?? (image.height * width) / image.width;
  const canvas = new OffscreenCanvas(Math.round(width), Math.round(height));
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: quality / 100 });
  return { tempFilePath: files.temporary(blob, 'jpg') };
}

async function getImageInfo({ src }) {
  const { image, type } = await bitmap(src);
  const path = files.read(src) ? src : files.address(src);
  return { width: image.width, height: image.height, path, orientation: 'up', type: type.replace('image/', '') || 'unknown' };
}

export const media = {
  chooseMedia: call('chooseMedia', chooseMedia),
  chooseImage: call('chooseImage', chooseImage),
  compressImage: call('compressImage', compressImage),
  getImageInfo: call('getImageInfo', getImageInfo),
  saveFile: call('saveFile', saveFile),
};
