/** The phone as the core sees it: the only place that calls `wx` for network, files and storage. */
const { makeListeners } = require('./listeners');
const { photoLost, unanswered } = require('./problem');

/** Pages that load anew may fail again in part: what an answer says is told so often at most, ms. */
const QUIET = 10 * 1000;
const network = makeListeners();
/** Whether some call found no answer since there was network; when that was told. */
let cut = false;
let told = 0;

function connected() {
  cut = false;
  told = Date.now();
  network.tell();
}

/** @param {any} answer */
function heard(answer) {
  if (cut && Math.abs(Date.now() - told) >= QUIET) connected();
  return answer;
}

/** @param {any} why @returns {Promise<never>} */
function unheard(why) {
  cut = true;
  return Promise.reject(unanswered(why));
}

const folder = () => `${wx.env.USER_DATA_PATH}/kept`;

/** Header names in small letters: phones differ. @param {any} given */
function small(given) {
  const found = {};
  Object.keys(given || {}).forEach((name) => {
    const value = given[name];
    found[name.toLowerCase()] = Array.isArray(value) ? value[0] : value;
  });
  return found;
}

/**
 * A call of `wx` that answers by callbacks, as a promise.
 * @param {(options: any) => any} api @param {object} [options] @returns {Promise<any>}
 */
function promised(api, options = {}) {
  return new Promise((resolve, reject) => {
    api({ ...options, success: resolve, fail: reject });
  });
}

/** @param {any} options @returns {Promise<{status: number, header: any, data: any}>} */
function request(options) {
  return promised(wx.request, options).then(
    (answer) => heard({ status: answer.statusCode, header: small(answer.header), data: answer.data }),
    unheard,
  );
}

/** @param {any} what url, name, path, fields, header, onProgress */
function upload({ url, name, path, fields, header, onProgress }) {
  return new Promise((resolve, reject) => {
    const task = wx.uploadFile({
      url,
      name,
      filePath: path,
      formData: fields,
      header,
      success: (answer) => resolve(heard({ status: answer.statusCode, header: {}, data: parsed(answer.data) })),
      fail: (why) => (noFile(why) ? reject(photoLost()) : resolve(unheard(why))),
    });
    if (onProgress && task) task.onProgressUpdate((now) => onProgress(now.progress));
  });
}

/** Whether the file is gone; systems say it in different words. @param {any} why */
const noFile = (why) => /file not found|no such file|not exist/i.test(String((why && why.errMsg) || ''));

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (_) {
    return text;
  }
}

/** @param {any} what url, header */
function download({ url, header }) {
  return promised(wx.downloadFile, { url, header }).then(
    (answer) => heard({ status: answer.statusCode, header: {}, path: answer.tempFilePath, data: null }),
    unheard,
  );
}

/** Files that stay after the mini program is closed. */
const files = {
  /** Copies a temporary file; its lasting path. @param {string} from @param {string} name */
  async keep(from, name) {
    const to = `${folder()}/${name}`;
    const fs = wx.getFileSystemManager();
    try {
      fs.accessSync(folder());
    } catch (_) {
      fs.mkdirSync(folder(), true);
    }
    await promised((how) => fs.copyFile(how), { srcPath: from, destPath: to });
    return to;
  },
  remove(path) {
    return promised((how) => wx.getFileSystemManager().unlink(how), { filePath: path }).catch(() => {});
  },
  /** Paths of all that is kept. @returns {string[]} */
  list() {
    try {
      return wx.getFileSystemManager().readdirSync(folder()).map((name) => `${folder()}/${name}`);
    } catch (_) {
      return [];
    }
  },
};

const storage = {
  read(key) {
    const found = wx.getStorageSync(key);
    return found === '' ? undefined : found;
  },
  write: (key, value) => wx.setStorageSync(key, value),
  remove: (key) => wx.removeStorageSync(key),
  keys: () => wx.getStorageInfoSync().keys,
};

/** A code of WeChat, good for one sign-in. */
function login() {
  return promised(wx.login).then((found) => found.code, unheard);
}

/** Whether WeChat asks for the privacy agreement before it gives anything; it did where it cannot say. */
function privacyAsks() {
  return promised(wx.getPrivacySetting).then((found) => found.needAuthorization, () => false);
}

/** Calls `back` when there is network again: the phone says so, or an answer came after none. @param {() => void} back */
function onNetwork(back) {
  network.on(back);
  wx.onNetworkStatusChange((now) => {
    if (now.isConnected) connected();
  });
}

/** A name that nobody had before. */
function newId() {
  const part = () => Math.random().toString(36).slice(2, 12);
  return `${Date.now().toString(36)}-${part()}${part()}`;
}

module.exports = {
  promised,
  request,
  upload,
  download,
  files,
  storage,
  login,
  privacyAsks,
  onNetwork,
  newId,
  now: () => Date.now(),
  /** @param {number} ms @param {() => void} what */
  after: (ms, what) => setTimeout(what, ms),
  cancel: (timer) => clearTimeout(timer),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
