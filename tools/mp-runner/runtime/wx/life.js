// Pages, bars, launch and the app's being shown: what the shell does.

import { call, channel, Refused } from '../call.js';
import { offError, onError } from '../errors.js';
import { hub } from '../hub.js';

const shown = channel();
const hidden = channel();
export const rejections = channel();
export const appShown = shown.emit;
export const appHidden = hidden.emit;

const shell = () => hub.shell;

function needTab(index) {
  if (!shell().tabBar.has(index)) throw new Refused('tabbar item not found');
}

const navigation = {
  navigateTo: call('navigateTo', ({ url }) => shell().stack.navigateTo(url)),
  redirectTo: call('redirectTo', ({ url }) => shell().stack.redirectTo(url)),
  navigateBack: call('navigateBack', ({ delta = 1 }) => shell().stack.navigateBack(delta)),
  switchTab: call('switchTab', ({ url }) => shell().stack.switchTab(url)),
  reLaunch: call('reLaunch', ({ url }) => shell().stack.reLaunch(url)),
  exitMiniProgram: call('exitMiniProgram', () => shell().hideApp()),
};

const bars = {
  setNavigationBarTitle: call('setNavigationBarTitle', ({ title }) => shell().current().bar.title(title)),
  setNavigationBarColor: call('setNavigationBarColor', (given) => shell().current().bar.colors(given)),
  showNavigationBarLoading: call('showNavigationBarLoading', () => shell().current().bar.loading(true)),
  hideNavigationBarLoading: call('hideNavigationBarLoading', () => shell().current().bar.loading(false)),
  hideHomeButton: call('hideHomeButton', () => shell().current().bar.hideHome()),
  setBackgroundColor: call('setBackgroundColor', ({ backgroundColor }) => {
    if (backgroundColor) shell().current().element.style.background = backgroundColor;
  }),
  setBackgroundTextStyle: call('setBackgroundTextStyle', () => undefined),
  setTabBarBadge: call('setTabBarBadge', ({ index, text }) => (needTab(index), shell().tabBar.badge(index, String(text)))),
  removeTabBarBadge: call('removeTabBarBadge', ({ index }) => (needTab(index), shell().tabBar.badge(index, null))),
  showTabBarRedDot: call('showTabBarRedDot', ({ index }) => (needTab(index), shell().tabBar.badge(index, ''))),
  hideTabBarRedDot: call('hideTabBarRedDot', ({ index }) => (needTab(index), shell().tabBar.badge(index, null))),
  setTabBarItem: call('setTabBarItem', ({ index, text }) => (needTab(index), shell().tabBar.text(index, text))),
  setTabBarStyle: call('setTabBarStyle', (given) => shell().tabBar.style(given)),
  showTabBar: call('showTabBar', () => shell().tabBar.show(true)),
  hideTabBar: call('hideTabBar', () => shell().tabBar.show(false)),
};

const scrolling = {
  startPullDownRefresh: call('startPullDownRefresh', () => shell().current().refresh()),
  stopPullDownRefresh: call('stopPullDownRefresh', () => shell().current().refreshed()),
  pageScrollTo: call('pageScrollTo', ({ scrollTop, selector, offsetTop = 0 }) => {
    const { scroller, caller } = shell().current();
    const found = selector && caller._$.getShadowRoot().querySelector(selector)?.getBackendElement();
    if (selector && !found) throw new Refused('selector not found');
    const top = found ? found.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop + offsetTop : scrollTop;
    scroller.scrollTo({ top });
  }),
};

export const life = {
  ...{ ...navigation, ...bars, ...scrolling },
  onAppShow: shown.on,
  offAppShow: shown.off,
  onAppHide: hidden.on,
  offAppHide: hidden.off,
  ...{ onError, offError, onUnhandledRejection: rejections.on, offUnhandledRejection: rejections.off },
  showShareMenu: call('showShareMenu', () => undefined),
  hideShareMenu: call('hideShareMenu', () => undefined),
  getLaunchOptionsSync: () => ({ ...shell().launchOptions }),
  getEnterOptionsSync: () => ({ ...shell().enterOptions }),
};
