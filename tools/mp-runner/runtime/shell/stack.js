// The stack of pages. Pages of the tab bar stay alive when another tab is shown.

import { Refused } from '../call.js';
import { attempt } from '../errors.js';

const MOST_PAGES = 10;

/** Path and query of an address of a page, relative to another page's. */
export function parsed(url, from = '') {
  const [where, rest = ''] = String(url ?? '').split('?');
  const base = where.startsWith('/') ? [] : from.split('/').slice(0, -1);
  const parts = [];
  for (const part of [...base, ...where.split('/')]) {
    if (part === '..') parts.pop();
    else if (part && part !== '.') parts.push(part);
  }
  const query = {};
  for (const pair of rest.split('&').filter(Boolean)) {
    const [key, value = ''] = pair.split(/=(.*)/s);
    query[key] = value;
  }
  return { path: parts.join('/'), query };
}

export class Stack {
  /** @param shell makes pages (`make`), knows them (`has`) and the tab bar, and is told what is on top */
  constructor(shell) {
    this.shell = shell;
    this.pages = [];
    this.tabs = new Map();
  }

  get top() {
    return this.pages.at(-1);
  }

  target(url) {
    const found = parsed(url, this.top?.path ?? '');
    if (!this.shell.has(found.path)) throw new Refused(`page "${found.path}" is not found`);
    return found;
  }

  notTab(url) {
    const found = this.target(url);
    if (this.shell.tabBar.isTab(found.path)) throw new Refused('can not navigateTo a tabbar page');
    return found;
  }

  navigateTo(url) {
    const { path, query } = this.notTab(url);
    if (this.pages.length >= MOST_PAGES) throw new Refused('webview count limit exceed');
    this.top?.hide();
    this.push(path, query);
  }

  redirectTo(url) {
    const { path, query } = this.notTab(url);
    this.drop(this.pages.pop());
    this.push(path, query);
  }

  navigateBack(delta) {
    if (this.pages.length < 2) throw new Refused('cannot navigate back at first page.');
    const count = Math.min(Math.max(1, delta), this.pages.length - 1);
    for (let at = 0; at < count; at += 1) this.drop(this.pages.pop());
    this.reveal();
  }

  switchTab(url) {
    const { path } = this.target(url);
    if (!this.shell.tabBar.isTab(path)) throw new Refused('can not switch to no-tabBar page');
    if (this.top?.path === path) return;
    const [first] = this.pages;
    for (const page of this.pages.splice(0).reverse()) {
      if (page === first && this.shell.tabBar.isTab(page.path)) page.hide();
      else this.drop(page);
    }
    const kept = this.tabs.get(path);
    if (!kept) this.push(path, {});
    else {
      this.pages = [kept];
      this.reveal();
    }
  }

  reLaunch(url) {
    const { path, query } = this.target(url);
    const all = new Set([...this.pages.reverse(), ...this.tabs.values()]);
    this.pages = [];
    this.tabs.clear();
    for (const page of all) this.drop(page);
    this.push(path, query);
  }

  push(path, query) {
    const page = this.shell.make(path, query, this.pages.length > 0);
    this.pages.push(page);
    if (this.shell.tabBar.isTab(path)) this.tabs.set(path, page);
    this.shell.onTop(page);
    page.begin(this.shell.pages);
    this.reveal();
  }

  drop(page) {
    if (!page) return;
    if (this.tabs.get(page.path) === page) this.tabs.delete(page.path);
    page.end();
  }

  reveal() {
    const { top } = this;
    for (const page of [...this.pages, ...this.tabs.values()]) page.element.hidden = page !== top;
    this.shell.onTop(top);
    top.show();
  }

  tabTapped(item, index) {
    const { top } = this;
    if (top?.path !== item.pagePath) this.switchTab(`/${item.pagePath}`);
    attempt(this.top.caller, 'onTabItemTap', { index, pagePath: item.pagePath, text: item.text });
  }
}
