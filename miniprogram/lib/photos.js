/**
 * Photos on the phone: each is kept as a file with what was known when the shutter fell, and is
 * sent at once. Drafts and what waits to be sent name them by id.
 */
const { asProblem, photoLost, Problem } = require('./problem');
const { makeListeners } = require('./listeners');

/** So many are sent at the same time: a bad network carries one or two better than nine. */
const AT_ONCE = 2;

/**
 * @typedef {object} Photo
 * @property {string} id on this phone
 * @property {string} path
 * @property {boolean} kept whether the file and this stay after a kill
 * @property {{taken_at?: string, place?: any}} shot what the phone knew
 * @property {string} [photo_id] at the server
 * @property {string} [account] whose upload that was
 * @property {any} [problem] why the last try failed
 */

/**
 * @param {object} edges
 * @param {any} edges.phone files, now(), newId()
 * @param {any} edges.store
 * @param {any} edges.api
 * @param {any} edges.session
 */
function makePhotos({ phone, store, api, session }) {
  const changed = makeListeners();
  /** @type {Map<string, Promise<string>>} */
  const going = new Map();
  const progress = new Map();
  /** @type {(() => void)[]} */
  const queue = [];
  let running = 0;

  /** @param {string} id @returns {Photo | undefined} */
  const get = (id) => store.get(id);

  const owner = () => {
    const account = session.account();
    return account ? account.id : '';
  };

  function write(photo) {
    const kept = store.hold(photo.id, photo);
    changed.tell(photo.id);
    return kept;
  }

  /** Takes a shot in; keeps its file where there is room for it. */
  async function add(path, shot) {
    const id = phone.newId();
    const photo = { id, path, kept: true, shot };
    try {
      photo.path = await phone.files.keep(path, `${id}.jpg`);
    } catch (_) {
      photo.kept = false;
    }
    photo.kept = write(photo) && photo.kept;
    return photo;
  }

  /** The id at the server, sending the photo where it is not there yet. @param {string} id */
  function upload(id) {
    const photo = get(id);
    if (!photo) return Promise.reject(photoLost());
    if (photo.photo_id && photo.account === owner()) return Promise.resolve(photo.photo_id);
    if (!going.has(id)) {
      const sending = turn().then(() => send(id)).finally(() => {
        going.delete(id);
        progress.delete(id);
        free();
        changed.tell(id);
      });
      going.set(id, sending);
    }
    return /** @type {Promise<string>} */ (going.get(id));
  }

  function turn() {
    running += 1;
    if (running <= AT_ONCE) return Promise.resolve();
    return new Promise((resolve) => queue.push(() => resolve(undefined)));
  }

  function free() {
    running -= 1;
    const next = queue.shift();
    if (next) next();
  }

  async function send(id) {
    const photo = get(id);
    if (!photo) throw photoLost();
    progress.set(id, 0);
    changed.tell(id);
    try {
      const answer = await api.upload('/api/v1/photos', {
        path: photo.path,
        fields: fieldsOf(photo, phone.now()),
        onProgress: (percent) => {
          progress.set(id, percent);
          changed.tell(id);
        },
      });
      settle(id, { photo_id: answer.id, account: owner(), problem: undefined });
      return answer.id;
    } catch (thrown) {
      const problem = asProblem(thrown);
      settle(id, { problem: problem.plain() });
      throw problem;
    }
  }

  /** Writes what became of a try, unless the photo was taken away meanwhile. */
  function settle(id, result) {
    const photo = get(id);
    if (photo) write({ ...photo, ...result });
  }

  function discard(id) {
    const photo = get(id);
    store.drop(id);
    if (photo && photo.kept) phone.files.remove(photo.path);
  }

  return {
    add,
    get,
    upload,
    discard,
    /** The server knows it no more: it is sent again when it is needed. */
    forgetUpload(id) {
      settle(id, { photo_id: undefined, account: undefined });
    },
    /** How a page shows it. @param {string} id */
    shown(id) {
      const photo = get(id) || { id, path: '', kept: false, shot: {}, problem: photoLost().plain() };
      const state = stateOf(photo, going.has(id), owner());
      return {
        id,
        path: photo.path,
        state,
        percent: progress.get(id) || 0,
        words: wordsOf(state, photo, progress.get(id) || 0),
      };
    },
    /** Sends what is not there yet; failures show at each photo. @param {string[]} ids */
    resume(ids) {
      ids.forEach((id) => {
        const photo = get(id);
        const hopeless = photo && photo.problem && refused(photo.problem);
        if (photo && !photo.photo_id && !hopeless) upload(id).catch(() => {});
      });
    },
    /** Removes all but these, and files that belong to none. @param {string[]} used */
    sweep(used) {
      const wanted = new Set(used);
      store.names().filter((id) => !wanted.has(id)).forEach(discard);
      const paths = new Set(used.map((id) => (get(id) || { path: '' }).path));
      phone.files.list().filter((path) => !paths.has(path)).forEach(phone.files.remove);
    },
    onChange: changed.on,
  };
}

/** @param {any} problem as kept */
const refused = (problem) => !new Problem(problem).transient;

/** The form fields of an upload: `phone_time` is the clock at this very try. */
function fieldsOf(photo, now) {
  const { taken_at, place } = photo.shot;
  const fields = { phone_time: new Date(now).toISOString() };
  if (taken_at) Object.assign(fields, { taken_at });
  if (place) {
    Object.keys(place).forEach((name) => {
      fields[name] = String(place[name]);
    });
  }
  return fields;
}

/** @returns {'sending' | 'sent' | 'refused' | 'failed' | 'waiting'} */
function stateOf(photo, going, owner) {
  if (photo.photo_id && photo.account === owner) return 'sent';
  if (going) return 'sending';
  if (!photo.problem) return 'waiting';
  return refused(photo.problem) ? 'refused' : 'failed';
}

function wordsOf(state, photo, percent) {
  if (state === 'sent') return '已上传';
  if (state === 'sending') return `上传 ${percent}%`;
  if (!photo.kept && state !== 'refused') return '没存下，传完前别关';
  if (state === 'waiting') return '等待上传';
  if (state === 'failed') return { 0: '有网络时自动传', 429: '稍后自动上传' }[photo.problem.status] || '没传上，点此重试';
  return photo.problem.message;
}

module.exports = { makePhotos };
