// The phone's files. Temporary ones are gone when the app is killed; kept ones lie in IndexedDB.
// Both are also in memory, since some calls answer at once.

import { NAME } from './settings.js';

export const USER = 'wxfile://usr';
const STORE = 'wxfile://store_';
const TEMPORARY = 'http://tmp/';

/** path → { blob, at } */
const files = new Map();
const folders = new Set([USER]);
const urls = new Map();
let database;
let count = 0;

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function store(mode) {
  return database.transaction('files', mode).objectStore('files');
}

/** Reads what earlier runs kept. */
export async function open() {
  const opening = indexedDB.open(`phone/${NAME}`, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('files');
  database = await done(opening);
  const [paths, found] = await Promise.all([done(store('readonly').getAllKeys()), done(store('readonly').getAll())]);
  paths.forEach((path, at) => (found[at].folder ? folders.add(path) : files.set(path, found[at])));
}

export async function forgetAll() {
  files.clear();
  await done(store('readwrite').clear());
}

export function isKept(path) {
  return path.startsWith(`${USER}/`) || path.startsWith(STORE);
}

/** A temporary file of a blob; its path. */
export function temporary(blob, ending) {
  count += 1;
  const path = `${TEMPORARY}${Date.now().toString(36)}${count}.${ending ?? endingOf(blob)}`;
  files.set(path, { blob, at: Date.now() });
  return path;
}

function endingOf(blob) {
  return { 'image/png': 'png', 'image/webp': 'webp', 'image/gif': 'gif' }[blob.type] ?? 'jpg';
}

export function newStorePath(from) {
  count += 1;
  return `${STORE}${Date.now().toString(36)}${count}.${from.split('.').pop()}`;
}

/** Writes; kept paths are on the disk when the promise is fulfilled. */
export async function write(path, blob) {
  const file = { blob, at: Date.now() };
  if (isKept(path)) await done(store('readwrite').put(file, path));
  files.set(path, file);
  release(path);
}

export function unlink(path) {
  files.delete(path);
  release(path);
  if (isKept(path)) return done(store('readwrite').delete(path));
  return Promise.resolve();
}

export function addFolder(path) {
  folders.add(path);
  return done(store('readwrite').put({ folder: true }, path));
}

export function read(path) {
  return files.get(path);
}

export function isFolder(path) {
  return folders.has(path.replace(/\/$/, ''));
}

/** Names directly below a folder. */
export function list(folder) {
  const start = `${folder.replace(/\/$/, '')}/`;
  const below = [...files.keys(), ...folders].filter((path) => path.startsWith(start));
  return [...new Set(below.map((path) => path.slice(start.length).split('/')[0]))].filter(Boolean);
}

export function saved() {
  return [...files].filter(([path]) => path.startsWith(STORE));
}

function release(path) {
  if (urls.has(path)) URL.revokeObjectURL(urls.get(path));
  urls.delete(path);
}

/** An address that the browser can load: of a file, a picture of the source, or as it is. */
export function address(path) {
  if (!path) return '';
  const file = files.get(path);
  if (file) {
    if (!urls.has(path)) urls.set(path, URL.createObjectURL(file.blob));
    return urls.get(path);
  }
  if (/^(data|blob|https?):/.test(path)) return path.startsWith(TEMPORARY) ? '' : path;
  if (path.startsWith('wxfile:')) return '';
  return `files/${path.replace(/^\//, '')}`;
}
