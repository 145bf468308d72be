// What the phone tells of itself.

import { call } from '../call.js';
import { hub } from '../hub.js';
import * as settings from '../settings.js';

export const STATUS_BAR = 24;
export const NAVIGATION_BAR = 44;

function windowInfo() {
  const { innerWidth: screenWidth, innerHeight: screenHeight, devicePixelRatio: pixelRatio } = window;
  const body = hub.shell?.pageBox() ?? { width: screenWidth, height: screenHeight, top: 0 };
  return {
    ...{ pixelRatio, screenWidth, screenHeight, windowWidth: screenWidth, windowHeight: body.height, screenTop: body.top },
    ...{ statusBarHeight: STATUS_BAR, safeArea: { left: 0, right: screenWidth, top: STATUS_BAR, bottom: screenHeight, width: screenWidth, height: screenHeight - STATUS_BAR } },
  };
}

function appBaseInfo() {
  const fontSizeSetting = settings.get('fontSize');
  return {
    ...{ SDKVersion: '3.8.12', enableDebug: false, host: { env: 'WeChat' }, language: 'zh_CN', version: '8.0.50', theme: 'light' },
    ...{ fontSizeSetting, fontSizeScaleFactor: fontSizeSetting / 16, mode: 'default' },
  };
}

function deviceInfo() {
  return { abi: 'arm64-v8a', benchmarkLevel: 20, brand: 'demo', model: 'demo', system: 'Android 14', platform: 'android', cpuType: '', memorySize: '8192' };
}

function systemSetting() {
  return { bluetoothEnabled: false, locationEnabled: settings.get('locationOn'), wifiEnabled: true, deviceOrientation: 'portrait' };
}

function systemInfo() {
  return { ...deviceInfo(), ...appBaseInfo(), ...windowInfo(), ...systemSetting() };
}

function menuButton() {
  const [width, height] = [87, 32];
  const top = STATUS_BAR + (NAVIGATION_BAR - height) / 2;
  const right = innerWidth - 7;
  return { width, height, top, right, bottom: top + height, left: right - width };
}

function logger() {
  const write = (how) => (...words) => console[how](...words);
  const own = { setFilterMsg() {}, addFilterMsg() {}, in() {}, tag: () => own };
  return Object.assign(own, { debug: write('debug'), log: write('log'), info: write('info'), warn: write('warn'), error: write('warn') });
}

export const device = {
  getWindowInfo: windowInfo,
  getAppBaseInfo: appBaseInfo,
  getDeviceInfo: deviceInfo,
  getSystemSetting: systemSetting,
  getAppAuthorizeSetting: () => ({ locationAuthorized: settings.get('locationOn') ? 'authorized' : 'denied', cameraAuthorized: settings.get('scopes')['scope.camera'] === false ? 'denied' : 'authorized', notificationAuthorized: 'authorized' }),
  getSystemInfoSync: systemInfo,
  getSystemInfo: call('getSystemInfo', systemInfo),
  getMenuButtonBoundingClientRect: menuButton,
  getAccountInfoSync: () => ({ miniProgram: { appId: 'wx0000000000000000', envVersion: 'develop', version: '' } }),
  getUpdateManager: () => ({
    ...{ applyUpdate() {}, onUpdateReady() {}, onUpdateFailed() {} },
    onCheckForUpdate: (listener) => setTimeout(() => listener({ hasUpdate: false })),
  }),
  getLogManager: logger,
  getRealtimeLogManager: logger,
  reportEvent() {},
};
