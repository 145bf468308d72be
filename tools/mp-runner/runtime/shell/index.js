// The phone's screen: pages above each other, the tab bar, what the app is told of being shown.

import { attempt } from '../errors.js';
import { hub } from '../hub.js';
import * as settings from '../settings.js';
import { node } from '../tags/define.js';
import { appHidden, appShown } from '../wx/life.js';
import { interrupt, localOf } from '../wx/network.js';
import { PageView } from './page.js';
import { Stack } from './stack.js';
import { tabBar } from './tab_bar.js';
import { ask, closeAll, openLayer } from './ui.js';

/** What is on its way so long after the app was hidden is cut. */
const ASLEEP_AFTER_MS = 5000;

export class Shell {
  /**
   * @param {object} given
   * @param {any} given.app app.json
   * @param {Map<string, any>} given.units path → { kind, config }
   * @param {Object<string, string>} given.styles path of a page → its sheet
   * @param {(path: string) => any} given.makeRoot takes a path, gives a root component
   */
  constructor({ app, units, styles, makeRoot }) {
    this.app = app;
    this.units = units;
    this.makeRoot = makeRoot;
    this.stack = new Stack(this);
    this.pages = node('div', { className: 'mp-pages' });
    this.tabBar = tabBar(app.tabBar, (item, index) => this.stack.tabTapped(item, index));
    this.root = node('div', { className: 'mp-phone' }, this.pages, this.tabBar.element);
    this.root.classList.toggle('mp-v2', app.style === 'v2');
    this.sheets = this.putSheets(styles);
    this.background = false;
    this.launchOptions = this.enterOptions = {};
  }

  open(parent) {
    parent.append(this.root);
    openLayer(this.root);
    this.setSystemFont();
    settings.onChangeOf('fontSize', () => this.setSystemFont());
  }

  /** Each page's own sheet counts while that page is shown. */
  putSheets(styles) {
    const sheets = new Map();
    for (const [path, text] of Object.entries(styles)) {
      const sheet = document.head.appendChild(node('style', { textContent: text }));
      sheet.dataset.page = path;
      sheet.disabled = true;
      sheets.set(path, sheet);
    }
    return sheets;
  }

  has(path) {
    return this.units.get(path)?.kind === 'page';
  }

  make(path, query, canGoBack) {
    const config = { ...this.app.window, ...this.units.get(path).config };
    const home = this.app.entryPagePath ?? this.app.pages[0];
    const isHome = path === home || this.tabBar.isTab(path);
    const bar = {
      canGoBack,
      goBack: () => this.stack.navigateBack(1),
      goHome: isHome ? null : () => this.stack.reLaunch(`/${home}`),
    };
    return new PageView({ path, query, config, root: this.makeRoot(path), bar });
  }

  onTop(page) {
    for (const [path, sheet] of this.sheets) sheet.disabled = path !== page.path;
    this.tabBar.select(page.path);
    this.applyRootFont(page.element);
  }

  current() {
    return this.stack.top;
  }

  pageBox() {
    const { top, height } = (this.current()?.body ?? this.pages).getBoundingClientRect();
    return { top, height };
  }

  /** An address of the mini program's server, where the browser finds it; others as they are. */
  local(address) {
    return /^https?:/.test(address) ? (localOf(address) ?? address) : address;
  }

  applyRootFont(element) {
    if (element !== this.current()?.element) return;
    document.documentElement.style.fontSize = element.dataset.rootFontSize || '';
  }

  setSystemFont() {
    document.documentElement.style.setProperty('--system-font-size', `${settings.get('fontSize')}px`);
  }

  launch(options) {
    this.launchOptions = this.enterOptions = options;
    attempt(hub.app, 'onLaunch', options);
    attempt(hub.app, 'onShow', options);
    appShown(options);
    if (this.has(options.path)) this.stack.push(options.path, options.query);
    else {
      attempt(hub.app, 'onPageNotFound', { path: options.path, query: options.query, isEntryPage: true });
      if (!this.current()) this.stack.push(this.app.pages[0], {});
    }
  }

  hideApp() {
    if (this.background) return;
    this.background = true;
    this.current()?.hide();
    attempt(hub.app, 'onHide');
    appHidden({});
    this.sleep = setTimeout(interrupt, ASLEEP_AFTER_MS);
  }

  /** Into the foreground, perhaps by a scanned code or a message that opens a page. */
  showApp(options = this.enterOptions, url = null) {
    const wasAway = this.background;
    this.background = false;
    clearTimeout(this.sleep);
    this.enterOptions = options;
    if (wasAway) {
      attempt(hub.app, 'onShow', options);
      appShown(options);
    }
    if (url !== null) {
      closeAll();
      this.stack.reLaunch(url);
    } else this.current()?.show();
  }

  async share(from) {
    const found = attempt(this.current().caller, 'onShareAppMessage', from) ?? {};
    const title = found.title ?? '随手拍';
    await ask({ title: '转发给朋友', text: `${title}\n${found.path ?? `/${this.current().path}`}`, confirm: '知道了' });
  }
}
