// Where the phone is, and maps to choose and to show a place.

import { call, channel, Refused } from '../call.js';
import { ask } from '../shell/ui.js';
import { node } from '../tags/define.js';
import * as settings from '../settings.js';
import { toGcj02 } from './gcj02.js';
import { permit } from './permission.js';

let declared = [];

/** `requiredPrivateInfos` of app.json: a call that is not in it fails, as there. */
export function setDeclared(list) {
  declared = list ?? [];
}

function require(name) {
  if (!declared.includes(name)) throw new Refused(`the api need to be declared in the requiredPrivateInfos field in app.json/ext.json`, { errno: 112 });
}

/** The phone's place, WGS-84 as satellites give it, in the system asked for. */
export function here(type) {
  const place = settings.get('place');
  const { longitude, latitude } = type === 'gcj02' ? toGcj02(place) : place;
  return { longitude, latitude, speed: -1, accuracy: 30, altitude: 0, verticalAccuracy: 0, horizontalAccuracy: 30 };
}

/** Before its release a mini program gets a place once in so long; after it, the same one again. */
const ONE_PLACE_IN_MS = 30_000;
let located = -ONE_PLACE_IN_MS;

// Nobody is carried elsewhere at once but here, as if time had passed.
settings.onChangeOf('place', () => (located = -ONE_PLACE_IN_MS));

async function getLocation({ type = 'wgs84' }) {
  require('getLocation');
  await permit('scope.userLocation', 'getLocation');
  if (!settings.get('locationOn')) throw new Refused('system permission denied', { errno: 2 });
  if (performance.now() - located < ONE_PLACE_IN_MS) throw new Refused('频繁调用会增加电量损耗，可考虑使用 wx.onLocationChange 监听地理位置变化');
  located = performance.now();
  return here(type);
}

async function getFuzzyLocation({ type = 'wgs84' }) {
  require('getFuzzyLocation');
  await permit('scope.userFuzzyLocation', 'getFuzzyLocation');
  const { longitude, latitude } = here(type);
  return { longitude: Number(longitude.toFixed(2)), latitude: Number(latitude.toFixed(2)) };
}

function mapBox(place) {
  const box = node('div', { className: 'mp-choose-map' });
  const drawn = () => {
    const view = L.map(box, { attributionControl: false, zoomAnimation: false }).setView([place.latitude, place.longitude], 16);
    requestAnimationFrame(() => view.invalidateSize());
    return view;
  };
  return { box, drawn };
}

async function chooseLocation({ longitude, latitude }) {
  require('chooseLocation');
  await permit('scope.userLocation', 'chooseLocation');
  const start = longitude && latitude ? { longitude, latitude } : here('gcj02');
  const { box, drawn } = mapBox(start);
  const name = node('input', { ariaLabel: '地点名称', value: '演示地点' });
  const address = node('input', { ariaLabel: '地址', value: '示范区演示路 1 号' });
  const cross = node('div', { className: 'mp-cross', ariaHidden: 'true' }, '+');
  const body = () => node('div', { className: 'mp-choose' }, node('div', { className: 'mp-choose-frame' }, box, cross), name, address);
  const asking = ask({ title: '选择位置', text: '移动地图，让十字对准地点。', cancel: '取消', confirm: '确定', body });
  const view = drawn();
  const answer = await asking;
  const { lng, lat } = view.getCenter();
  view.remove();
  if (answer === null) throw new Refused('cancel');
  return { name: name.value, address: address.value, longitude: Number(lng.toFixed(6)), latitude: Number(lat.toFixed(6)) };
}

function openLocation({ longitude, latitude, name = '', address = '', scale = 16 }) {
  if (typeof longitude !== 'number' || typeof latitude !== 'number') throw new Refused('parameter error: longitude and latitude should be Number;');
  const { box, drawn } = mapBox({ longitude, latitude });
  const asking = ask({ title: name || '位置', text: address, confirm: '关闭', body: () => box });
  const view = drawn();
  view.setZoom(scale);
  L.circleMarker([latitude, longitude], { radius: 9, color: '#c53030', fillOpacity: 0.8 }).addTo(view);
  asking.then(() => view.remove());
}

const moved = channel();
let following = false;

settings.onChangeOf('place', () => following && moved.emit(here('gcj02')));

export const place = {
  getLocation: call('getLocation', getLocation),
  getFuzzyLocation: call('getFuzzyLocation', getFuzzyLocation),
  chooseLocation: call('chooseLocation', chooseLocation),
  openLocation: call('openLocation', openLocation),
  startLocationUpdate: call('startLocationUpdate', async () => {
    require('startLocationUpdate');
    await permit('scope.userLocation', 'startLocationUpdate');
    following = true;
  }),
  stopLocationUpdate: call('stopLocationUpdate', () => void (following = false)),
  onLocationChange: moved.on,
  offLocationChange: moved.off,
};
