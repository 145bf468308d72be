// Starts the mini program of a build on this phone.

import { glassEasel, MiniProgramEnv } from 'glass-easel-miniprogram-adapter';
import { Backend, convertInlineStyles } from './backend.js';
import { onError, report } from './errors.js';
import * as files from './files.js';
import { listenTo } from './gestures.js';
import { hub } from './hub.js';
import { controls } from './phone.js';
import { Shell } from './shell/index.js';
import { parsed } from './shell/stack.js';
import { applyCommon, commonProperties } from './tags/define.js';
import { defineTags } from './tags/index.js';
import { rejections } from './wx/life.js';
import { wx } from './wx/index.js';
import { setServer, watchNetwork } from './wx/network.js';
import { setReasons } from './wx/permission.js';
import { noteTap, setPlatform, setTitles } from './wx/person.js';
import { here, setDeclared } from './wx/place.js';

const BEHAVIORS = ['wx://form-field', 'wx://form-field-group', 'wx://form-field-button', 'wx://component-export'];

/** The parts of the build: app.json, units, sheets, templates, and what runs each script. */
export async function start(build) {
  listenToFaults();
  await files.open();
  const config = await (await fetch('config.json')).json().catch(() => ({}));
  setServer({ production: build.production, local: config.server ?? '' });
  setPlatform(config.consents ?? null);
  setTitles(config.templates);
  setReasons(build.app.permission);
  setDeclared(build.app.requiredPrivateInfos);
  convertInlineStyles();
  const units = new Map(build.units.map((unit) => [unit.path, unit]));
  const { makeRoot, load } = framework(build, units);
  const shell = new Shell({ app: build.app, units, styles: build.styles, makeRoot });
  Object.assign(hub, { wx, shell, here });
  shell.open(document.getElementById('mp'));
  shell.root.addEventListener('click', noteTap, true);
  listenTo(shell.root);
  watchNetwork();
  putGlobals(shell);
  load();
  window.phone = controls(shell);
  shell.launch(launchOptions(build.app));
  document.documentElement.dataset.ready = 'yes';
}

/** Page, Component and Behavior of the framework, with all tags, templates and scopes known. */
function framework(build, units) {
  const environment = new MiniProgramEnv();
  const space = environment.createCodeSpace('main', true);
  const components = space.getComponentSpace();
  defineTags(components);
  space.setOverallBehavior(hostBehavior(components));
  const backend = environment.associateBackend(new Backend());
  for (const [path, { config, scope }] of units) {
    space.addStyleSheet(path, undefined, scope || undefined);
    space.addComponentStaticConfig(path, config);
    space.addCompiledTemplate(path, { groupList: build.templates, content: build.templates[path] });
  }
  const ours = behaviors(space);
  const run = (path) => space.globalComponentEnv(window, path, () => inOurTerms(ours, build.run[path]));
  const load = () => Object.keys(build.run).forEach((path) => run(path));
  return { load, makeRoot: (path) => backend.createRoot('wx-page', space, path) };
}

/** What every host of the mini program's own components can be given, as the tags can. */
function hostBehavior(components) {
  const names = Object.keys(commonProperties).join(', ');
  return components.defineBehavior({
    properties: commonProperties,
    observers: {
      [names]() {
        const own = /** @type {any} */ (this);
        const host = own._$?.getBackendElement?.() ?? own.getBackendElement?.();
        if (host) applyCommon(host, own.data);
      },
    },
  });
}

/** `wx://form-field` gives name and value; the others change nothing here. */
function behaviors(space) {
  const field = space.behavior().definition({ properties: { name: String, value: null } }).register();
  const none = space.behavior().definition({}).register();
  return new Map(BEHAVIORS.map((name) => [name, name === 'wx://form-field' ? field : none]));
}

function inOurTerms(ours, work) {
  const kept = {};
  for (const name of ['Page', 'Component', 'Behavior']) {
    kept[name] = window[name];
    const made = window[name];
    window[name] = (definition) => made(mapped(definition, ours));
  }
  try {
    return work();
  } finally {
    Object.assign(window, kept);
  }
}

function mapped(definition, ours) {
  if (!definition?.behaviors) return definition;
  const found = definition.behaviors.map((one) => {
    if (typeof one !== 'string') return one;
    if (!ours.has(one)) throw new Error(`${one} is not in the allow-list of behaviours`);
    return ours.get(one);
  });
  return { ...definition, behaviors: found };
}

function putGlobals(shell) {
  Object.assign(window, {
    wx,
    getApp: () => hub.app,
    // Not to be changed, says the platform, and does not hinder it.
    getCurrentPages: () => Object.freeze(shell.stack.pages.map((page) => page.caller)),
    App: (definition) => {
      hub.app = definition;
      if (typeof definition.onError === 'function') onError((words) => definition.onError.call(definition, words));
      if (typeof definition.onUnhandledRejection === 'function') rejections.on((one) => definition.onUnhandledRejection.call(definition, one));
    },
  });
}

function launchOptions(app) {
  const query = new URLSearchParams(location.search);
  const found = parsed(query.get('path') || app.entryPagePath || app.pages[0]);
  const scene = Number(query.get('scene')) || (found.query.scene ? 1047 : 1001);
  return { path: found.path, query: found.query, scene, referrerInfo: {} };
}

function listenToFaults() {
  glassEasel.addGlobalErrorListener((wrong) => {
    report(wrong);
    return false;
  });
  glassEasel.addGlobalWarningListener((words) => {
    console.error(words);
    return false;
  });
  addEventListener('unhandledrejection', ({ reason, promise }) => {
    rejections.emit({ reason, promise });
  });
}
