// The file system manager; its calls have callbacks only, as there.

import { failure, Refused, tell } from '../call.js';
import * as files from '../files.js';

const MISSING = 'no such file or directory';

function found(path) {
  const file = files.read(String(path));
  if (!file) throw new Refused(`${MISSING} "${path}"`, { errno: 1300002 });
  return file;
}

function writable(path) {
  if (!String(path).startsWith(`${files.USER}/`)) throw new Refused(`permission denied, open "${path}"`, { errno: 1300013 });
  return String(path);
}

async function readFile({ filePath, encoding }) {
  const { blob } = found(filePath);
  if (!encoding) return { data: await blob.arrayBuffer() };
  if (encoding === 'utf8' || encoding === 'utf-8') return { data: await blob.text() };
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const letters = Array.from(bytes, (one) => String.fromCharCode(one)).join('');
  if (encoding === 'base64') return { data: btoa(letters) };
  if (encoding === 'hex') return { data: Array.from(bytes, (one) => one.toString(16).padStart(2, '0')).join('') };
  if (encoding === 'binary' || encoding === 'latin1') return { data: letters };
  throw new Refused(`invalid encoding "${encoding}"`);
}

function blobOf(data, encoding) {
  if (data instanceof ArrayBuffer) return new Blob([data]);
  if (encoding !== 'base64') return new Blob([String(data)]);
  const letters = atob(data);
  return new Blob([Uint8Array.from(letters, (one) => one.charCodeAt(0))]);
}

async function writeFile({ filePath, data, encoding }) {
  await files.write(writable(filePath), blobOf(data, encoding));
}

export async function saveFile({ tempFilePath, filePath }) {
  const { blob } = found(tempFilePath);
  const savedFilePath = filePath ? writable(filePath) : files.newStorePath(tempFilePath);
  await files.write(savedFilePath, blob);
  if (!files.isKept(tempFilePath)) await files.unlink(tempFilePath);
  return { savedFilePath };
}

async function copyFile({ srcPath, destPath }) {
  await files.write(writable(destPath), found(srcPath).blob);
}

async function unlink({ filePath }) {
  found(filePath);
  await files.unlink(filePath);
}

function access({ path }) {
  if (!files.isFolder(path)) found(path);
}

function stat({ path }) {
  const folder = files.isFolder(path);
  const file = folder ? null : found(path);
  const at = Math.floor((file?.at ?? 0) / 1000);
  const stats = { mode: folder ? 16877 : 33188, size: file?.blob.size ?? 0, lastAccessedTime: at, lastModifiedTime: at };
  return { stats: { ...stats, isDirectory: () => folder, isFile: () => !folder } };
}

async function getFileInfo({ filePath, digestAlgorithm }) {
  const { blob } = found(filePath);
  if (digestAlgorithm && digestAlgorithm !== 'sha1') throw new Refused('digestAlgorithm: only sha1 here');
  if (!digestAlgorithm) return { size: blob.size };
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', await blob.arrayBuffer()));
  return { size: blob.size, digest: Array.from(digest, (one) => one.toString(16).padStart(2, '0')).join('') };
}

async function mkdir({ dirPath, recursive }) {
  writable(dirPath);
  const parent = dirPath.slice(0, dirPath.lastIndexOf('/'));
  if (files.isFolder(dirPath)) {
    if (!recursive) throw new Refused(`file already exists ${dirPath}`);
    return;
  }
  if (!files.isFolder(parent)) {
    if (!recursive) throw new Refused(`${MISSING} ${dirPath}`);
    await mkdir({ dirPath: parent, recursive });
  }
  await files.addFolder(dirPath);
}

function readdir({ dirPath }) {
  if (!files.isFolder(dirPath)) throw new Refused(`${MISSING} "${dirPath}"`);
  return { files: files.list(dirPath) };
}

function getSavedFileList() {
  const fileList = files.saved().map(([filePath, { blob, at }]) => ({ filePath, size: blob.size, createTime: Math.floor(at / 1000) }));
  return { fileList };
}

function later(name, work) {
  return (options = {}) => {
    Promise.resolve()
      .then(() => work(options))
      .then(
        (result) => tell(options, { ...result, errMsg: `${name}:ok` }, 'success'),
        (wrong) => tell(options, failure(name, wrong), 'fail'),
      );
  };
}

function atOnce(name, work) {
  return (...given) => {
    try {
      return work(...given);
    } catch (wrong) {
      throw new Error(`${name}:fail ${wrong.message}`);
    }
  };
}

const manager = {
  readFile: later('readFile', readFile),
  writeFile: later('writeFile', writeFile),
  saveFile: later('saveFile', saveFile),
  copyFile: later('copyFile', copyFile),
  unlink: later('unlink', unlink),
  removeSavedFile: later('removeSavedFile', unlink),
  access: later('access', access),
  stat: later('stat', stat),
  getFileInfo: later('getFileInfo', getFileInfo),
  mkdir: later('mkdir', mkdir),
  readdir: later('readdir', readdir),
  getSavedFileList: later('getSavedFileList', getSavedFileList),
  accessSync: atOnce('accessSync', (path) => access({ path })),
  statSync: atOnce('statSync', (path) => stat({ path }).stats),
  readdirSync: atOnce('readdirSync', (dirPath) => readdir({ dirPath }).files),
  unlinkSync: atOnce('unlinkSync', (filePath) => void unlink({ filePath: (found(filePath), filePath) })),
  mkdirSync: atOnce('mkdirSync', (dirPath, recursive) => {
    if (files.isFolder(dirPath) && !recursive) throw new Refused(`file already exists ${dirPath}`);
    void mkdir({ dirPath, recursive: true });
  }),
};

/** Only what the list names; anything else says so. */
export const fileSystem = new Proxy(manager, {
  get(target, name) {
    if (typeof name === 'string' && !(name in target)) throw new Error(`FileSystemManager.${name} is not in the allow-list`);
    return target[name];
  },
});
