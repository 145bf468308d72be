/** Taking photos: with the time and the place of the moment, and small enough for a bad network. */
const core = require('./core');
const { promised } = require('./phone');
const { LIMITS } = require('./config');
const { Problem } = require('./problem');
const { makeWhereabouts } = require('./whereabouts');
const ownMap = require('./own-map');

const said = (why) => String((why && why.errMsg) || '');
const isCancel = (why) => said(why).indexOf('cancel') >= 0;
const isUnagreed = (why) => said(why).indexOf('privacy permission') >= 0;
const isDenied = (why) => !isUnagreed(why) && /auth|deny|denied|permission|privacy|authorize/i.test(said(why));

/** A call that WeChat holds back until the privacy agreement was consented to. @returns {Promise<any>} */
async function held(api, options) {
  await core.privacy.allowed();
  return promised(api, options);
}

/** Why a place could not be had. @param {any} why */
function noPlace(why) {
  if (isUnagreed(why)) return new Problem({ status: 1, type: 'place-unknown', message: '没有同意《隐私保护指引》，取不了位置，请在地图上选' });
  if (wx.getSystemSetting().locationEnabled === false) return new Problem({ status: 1, type: 'place-unknown', message: '手机的定位没有打开。请打开手机定位，或在地图上选' });
  if (isDenied(why)) return new Problem({ status: 1, type: 'place-denied', message: '没有位置权限，请在地图上选，或打开权限' });
  return new Problem({ status: 1, type: 'place-unknown', message: '没有取到位置，请在地图上选' });
}

const whereabouts = makeWhereabouts((type) => held(wx.getLocation, { type, isHighAccuracy: true, highAccuracyExpireTime: 4000 }), core.phone.now);

/**
 * Where the phone is, as the server takes a place.
 * @param {'gcj02' | 'wgs84'} [type]
 * @returns {Promise<{longitude: number, latitude: number, coord_type: string, accuracy_m: number}>}
 */
async function here(type = 'gcj02') {
  try {
    return await whereabouts(type);
  } catch (why) {
    throw noPlace(why);
  }
}

/** Whether the place may be read without asking now. */
async function mayLocate() {
  const { authSetting } = await promised(wx.getSetting);
  return authSetting['scope.userLocation'] === true && !(await core.privacy.outdated());
}

/**
 * A place chosen on WeChat's map, or on ours where that does not open; null where the person went back.
 * @param {any} from where the map begins
 */
async function pick(from) {
  const start = from ? { longitude: from.longitude, latitude: from.latitude } : {};
  try {
    const found = await held(wx.chooseLocation, start);
    return {
      place: { longitude: found.longitude, latitude: found.latitude, coord_type: 'gcj02' },
      address: found.address || '',
      name: found.name || '',
    };
  } catch (why) {
    if (isCancel(why)) return null;
    return ownPick(from);
  }
}

/** @param {any} from */
async function ownPick(from) {
  const chosen = await ownMap.choose(from).catch(() => {
    throw new Problem({ status: 1, type: 'place-unknown', message: '打不开地图。请先返回几页，再来选' });
  });
  return chosen && { place: { ...chosen, coord_type: 'gcj02' }, address: '', name: '' };
}

/** @param {any} file of chooseMedia */
async function compressed(file) {
  if (!file.size || file.size <= LIMITS.photoBytes) return file.tempFilePath;
  try {
    const small = await promised(wx.compressImage, { src: file.tempFilePath, quality: 75, compressedWidth: LIMITS.photoWidth });
    return small.tempFilePath;
  } catch (_) {
    return file.tempFilePath;
  }
}

/**
 * Shots from the camera carry the moment and the place; pictures from the album carry what their
 * file says and nothing else: when they were taken is not known here.
 * @param {'camera' | 'album'} source @param {number} count
 * @returns {Promise<{path: string, shot: any}[]>} none where the person went back
 */
async function take(source, count) {
  let chosen;
  try {
    chosen = await held(wx.chooseMedia, { count, mediaType: ['image'], sourceType: [source], sizeType: ['compressed'], camera: 'back' });
  } catch (why) {
    if (isCancel(why)) return [];
    throw noPicture(why, source);
  }
  const shot = source === 'camera' ? await shutter() : {};
  return Promise.all(chosen.tempFiles.map(async (file) => ({ path: await compressed(file), shot })));
}

/** Why no picture could be had. @param {any} why @param {'camera' | 'album'} source */
function noPicture(why, source) {
  if (isUnagreed(why)) return new Problem({ status: 1, type: 'camera-closed', message: '没有同意《隐私保护指引》，用不了照片。可以只写文字，或再点一次看指引' });
  if (!isDenied(why)) return new Problem({ status: 1, type: 'camera-closed', message: '没有打开相机，请再试一次' });
  const message = source === 'camera' ? '没有相机权限，请打开权限，或从相册选' : '没有相册权限，请打开权限';
  return new Problem({ status: 1, type: 'camera-denied', message });
}

async function shutter() {
  const taken_at = new Date().toISOString();
  try {
    return { taken_at, place: await here() };
  } catch (_) {
    return { taken_at };
  }
}

module.exports = { here, mayLocate, pick, take };
