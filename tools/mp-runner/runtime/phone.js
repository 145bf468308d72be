// `window.phone`: what the page around the phone, and tests, do with it.

import * as files from './files.js';
import * as settings from './settings.js';
import { parsed } from './shell/stack.js';
import { handIn } from './wx/media.js';
import { clear } from './wx/storage.js';

export function controls(shell) {
  return {
    name: settings.NAME,
    settings: settings.all,
    set: settings.set,
    onSet: settings.onSet,
    /** Files that the next choice of pictures takes. */
    handIn,
    /** Ends the app at once: nothing of it runs any more, as when the system kills it. */
    kill: () => location.reload(),
    hide: () => shell.hideApp(),
    show: () => shell.showApp(),
    /** As if a code was scanned or a message tapped: an address of a page. */
    open(url, scene = 1047) {
      const { path, query } = parsed(url);
      shell.showApp({ path, query, scene, referrerInfo: {} }, `/${url.replace(/^\//, '')}`);
    },
    back: () => shell.stack.navigateBack(1),
    refresh: () => shell.current().refresh(),
    path: () => shell.current()?.path,
    pages: () => shell.stack.pages.map((page) => page.path),
    page: () => shell.current()?.caller,
    /** Everything of the mini program is gone, as on a new phone. */
    async forget() {
      clear();
      for (const [name, value] of Object.entries({ scopes: {}, privacyAgreed: false, subscriptions: {} })) settings.set(name, value);
      await files.forgetAll();
      location.reload();
    },
  };
}
