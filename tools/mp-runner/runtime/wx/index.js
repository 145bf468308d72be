// `wx`: what the allow-list names and nothing else.

import allow from '../../allow.json';
import { USER } from '../files.js';
import { device } from './device.js';
import { fileSystem } from './file_system.js';
import { life } from './life.js';
import { media } from './media.js';
import { network } from './network.js';
import { permission } from './permission.js';
import { person } from './person.js';
import { place } from './place.js';
import { privacy } from './privacy.js';
import { queries } from './queries.js';
import { storage } from './storage.js';
import { ui } from './ui.js';

const canIUse = (name) => {
  const [first, second] = String(name).split('.');
  return Object.hasOwn(allow.wx, first) || (Object.hasOwn(allow.tags, first) && (!second || [...allow.tags[first].attributes, ...allow.tags[first].events].includes(second)));
};

export const APIS = {
  ...{ ...device, ...life, ...media, ...network, ...permission, ...person, ...place },
  ...{ ...privacy, ...queries, ...storage, ...ui },
  getFileSystemManager: () => fileSystem,
  canIUse,
  env: Object.freeze({ USER_DATA_PATH: USER }),
};

/** Names that languages look for by themselves. */
const SILENT = new Set(['then', 'toJSON', 'constructor', 'valueOf', 'toString']);

export const wx = new Proxy(APIS, {
  get(target, name) {
    if (typeof name === 'symbol' || SILENT.has(name)) return undefined;
    if (!Object.hasOwn(allow.wx, name)) throw new Error(`wx.${name} is not in the allow-list of tools/mp-runner`);
    return target[name];
  },
  has: (target, name) => Object.hasOwn(allow.wx, name),
  set(target, name) {
    throw new Error(`wx.${String(name)} cannot be set`);
  },
});
