// Storage of the mini program, by the phone's name, as JSON.

import { call, Refused } from '../call.js';
import { storagePrefix } from '../settings.js';

const MOST_OF_A_KEY = 1024 * 1024;
const MOST = 10 * 1024 * 1024;

function keys() {
  const all = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at));
  return all.filter((key) => key.startsWith(storagePrefix())).map((key) => key.slice(storagePrefix().length));
}

const bytes = (text) => new TextEncoder().encode(text).length;

function size() {
  return keys().reduce((sum, key) => sum + bytes(key) + bytes(localStorage.getItem(storagePrefix() + key)), 0);
}

function get(key) {
  const text = localStorage.getItem(storagePrefix() + key);
  return text === null ? { there: false } : { there: true, value: JSON.parse(text).data };
}

function set(key, data) {
  if (!key) throw new Refused('parameter error: parameter.key should be String instead of Undefined;');
  const text = JSON.stringify({ data });
  if (bytes(text) > MOST_OF_A_KEY) throw new Refused('data exceed max size');
  if (size() + bytes(text) > MOST) throw new Refused('exceed storage max size 10Mb');
  localStorage.setItem(storagePrefix() + key, text);
}

function remove(key) {
  localStorage.removeItem(storagePrefix() + key);
}

export function clear() {
  keys().forEach(remove);
}

function info() {
  return { keys: keys(), currentSize: Math.ceil(size() / 1024), limitSize: MOST / 1024 };
}

function sync(name, work) {
  return (...given) => {
    try {
      return work(...given);
    } catch (wrong) {
      throw new Error(`${name}:fail ${wrong.message}`);
    }
  };
}

export const storage = {
  setStorage: call('setStorage', ({ key, data }) => set(key, data)),
  getStorage: call('getStorage', ({ key }) => {
    const found = get(key);
    if (!found.there) throw new Refused('data not found');
    return { data: found.value };
  }),
  removeStorage: call('removeStorage', ({ key }) => remove(key)),
  clearStorage: call('clearStorage', clear),
  getStorageInfo: call('getStorageInfo', info),
  setStorageSync: sync('setStorageSync', set),
  getStorageSync: sync('getStorageSync', (key) => get(key).value ?? ''),
  removeStorageSync: sync('removeStorageSync', remove),
  clearStorageSync: sync('clearStorageSync', clear),
  getStorageInfoSync: sync('getStorageInfoSync', info),
};
