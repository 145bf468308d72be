// One page of the stack: its bar, its scroller, and the component that is the page.

import { attempt } from '../errors.js';
import { node } from '../tags/define.js';
import { navigationBar } from './bar.js';

const PULL_PX = 60;

export class PageView {
  /**
   * @param {object} given
   * @param {string} given.path
   * @param {Object<string, string>} given.query
   * @param {any} given.config the page's JSON on top of the app's window
   * @param {any} given.root a new root component of the framework
   * @param {any} given.bar what the navigation bar needs
   */
  constructor({ path, query, config, root, bar }) {
    this.path = path;
    this.query = query;
    this.config = config;
    this.root = root;
    this.caller = root.get();
    Object.assign(this.caller, { route: path, options: query });
    this.bar = navigationBar(config, bar);
    this.wait = node('div', { className: 'mp-refreshing', role: 'status', hidden: true }, '正在刷新');
    this.place = node('div');
    this.scroller = node('main', { className: 'mp-scroller' }, this.wait, this.place);
    this.body = node('div', { className: 'mp-body' }, this.scroller);
    this.element = node('div', { className: 'mp-page' }, this.bar.element, this.body);
    if (config.backgroundColor) this.element.style.background = config.backgroundColor;
    if (config.disableScroll) this.scroller.style.overflow = 'hidden';
    this.scroller.addEventListener('scroll', () => this.scrolled());
    if (config.enablePullDownRefresh) this.listenToPulls();
    this.ready = false;
    this.shown = false;
    this.nearEnd = false;
  }

  /** Puts the page into the document and begins its life. */
  begin(parent) {
    parent.append(this.element);
    this.measure();
    this.root.attach(this.scroller, this.place);
    attempt(this.caller, 'onLoad', this.query);
    this.sizes = new ResizeObserver(() => this.measure());
    this.sizes.observe(this.body);
    this.sizes.observe(this.scroller.lastElementChild);
  }

  measure() {
    this.body.style.setProperty('--page-height', `${this.body.clientHeight}px`);
    const scrolls = this.scroller.scrollHeight > this.scroller.clientHeight;
    this.scroller.tabIndex = scrolls ? 0 : -1;
  }

  show() {
    if (this.shown) return;
    this.shown = true;
    this.element.hidden = false;
    document.title = this.bar.titleText();
    this.measure();
    attempt(this.caller, 'onShow');
    this.root.getComponent().triggerPageLifetime('show', []);
    if (this.ready) return;
    this.ready = true;
    requestAnimationFrame(() => attempt(this.caller, 'onReady'));
  }

  hide() {
    if (!this.shown) return;
    this.shown = false;
    attempt(this.caller, 'onHide');
    this.root.getComponent().triggerPageLifetime('hide', []);
  }

  end() {
    this.shown = false;
    this.sizes?.disconnect();
    attempt(this.caller, 'onUnload');
    this.root.release();
    this.element.remove();
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    attempt(this.caller, 'onPageScroll', { scrollTop });
    const near = scrollHeight - clientHeight - scrollTop <= (this.config.onReachBottomDistance ?? 50);
    if (near && !this.nearEnd) attempt(this.caller, 'onReachBottom');
    this.nearEnd = near;
  }

  refresh() {
    if (this.config.enablePullDownRefresh) this.wait.hidden = false;
    attempt(this.caller, 'onPullDownRefresh');
  }

  refreshed() {
    this.wait.hidden = true;
  }

  /** A finger or a mouse that draws the page down from its top. */
  listenToPulls() {
    let from = null;
    const begin = (y) => (from = this.scroller.scrollTop <= 0 ? y : null);
    const end = (y) => {
      if (from !== null && y - from > PULL_PX && this.scroller.scrollTop <= 0) this.refresh();
      from = null;
    };
    this.scroller.addEventListener('touchstart', (event) => begin(event.touches[0].clientY), { passive: true });
    this.scroller.addEventListener('touchend', (event) => end(event.changedTouches[0].clientY), { passive: true });
    this.scroller.addEventListener('mousedown', (event) => begin(event.clientY));
    addEventListener('mouseup', (event) => this.shown && end(event.clientY));
  }
}
