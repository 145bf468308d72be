/** Calls of the server (docs: /api/v1/openapi.json). What is not 2xx is thrown as a Problem. */
const { problemOf } = require('./problem');

const PAUSES = [400, 1200, 3000];
const HOUR = 3600 * 1000;

/** @param {object} values null and '' are left out */
function query(values) {
  const parts = Object.keys(values)
    .filter((name) => values[name] !== null && values[name] !== undefined && values[name] !== '')
    .map((name) => `${name}=${encodeURIComponent(values[name])}`);
  return parts.length ? `?${parts.join('&')}` : '';
}

const good = (answer) => answer.status >= 200 && answer.status < 300;

/**
 * @param {object} edges
 * @param {any} edges.phone
 * @param {any} edges.session
 * @param {string} edges.base
 */
function makeApi({ phone, session, base }) {
  /** The server's clock when it was last heard, and the phone's then; ms. */
  let heard = { at: 0, when: 0 };

  /** Runs `send` with a token, of that account; once more with a new one where it was refused. */
  async function signed(send, account) {
    const token = await session.token();
    if (account) session.mustBe(account);
    let answer = await send({ Authorization: `Bearer ${token}` });
    if (answer.status === 401) {
      const fresh = await session.renew(token);
      if (account) session.mustBe(account);
      answer = await send({ Authorization: `Bearer ${fresh}` });
    }
    return answer;
  }

  function hear(answer) {
    const at = Date.parse(answer.header.date) || 0;
    if (at > heard.at) heard = { at, when: phone.now() };
    return answer;
  }

  /**
   * @param {string} method
   * @param {string} path with its query
   * @param {object} [how]
   * @param {any} [how.body] sent as JSON, byte for byte the same for the same value
   * @param {string} [how.key] Idempotency-Key
   * @param {string} [how.account] whose it is: nobody else sends it
   * @param {boolean} [how.open] for everybody: no token is sent
   * @param {string} [how.tag] If-None-Match
   */
  async function call(method, path, how = {}) {
    const header = how.body === undefined ? {} : { 'Content-Type': 'application/json' };
    if (how.key) header['Idempotency-Key'] = how.key;
    if (how.tag) header['If-None-Match'] = how.tag;
    const send = (auth) =>
      phone.request({
        method,
        url: base + path,
        header: { ...header, ...auth },
        data: how.body === undefined ? undefined : JSON.stringify(how.body),
      }).then(hear);
    const answer = how.open ? await send({}) : await signed(send, how.account);
    if (how.tag && answer.status === 304) return { data: null, tag: how.tag };
    if (!good(answer)) throw problemOf(answer);
    return how.tag === undefined ? answer.data : { data: answer.data, tag: answer.header.etag };
  }

  /** Uploads one file with form fields. @param {string} path @param {any} what */
  async function upload(path, what) {
    const answer = await signed((auth) =>
      phone.upload({ url: base + path, name: 'file', ...what, header: auth }),
    );
    if (!good(answer)) throw problemOf(answer);
    return answer.data;
  }

  /**
   * The server's clock, ms: not after now, and not more than an hour before. 0: it does not say.
   * @param {boolean} [anew] as it is now
   */
  async function time(anew = false) {
    const passed = phone.now() - heard.when;
    if (anew || heard.at === 0 || passed < 0 || passed > HOUR) await call('GET', '/api/v1/me');
    return heard.at;
  }

  /** @type {Map<string, Promise<string>>} */
  const pictures = new Map();

  /**
   * A photo that only some may see, as a local file; waits a little for one that is not made yet.
   * @param {string} id @param {string} [size] thumb or large
   */
  function picture(id, size = 'thumb') {
    const name = `${id} ${size}`;
    if (!pictures.has(name)) {
      const found = fetchPicture(`${base}/api/v1/photos/${id}?size=${size}`);
      pictures.set(name, found);
      found.catch(() => pictures.delete(name));
    }
    return /** @type {Promise<string>} */ (pictures.get(name));
  }

  async function fetchPicture(url) {
    let answer;
    for (let tried = 0; tried <= PAUSES.length; tried += 1) {
      answer = await signed((auth) => phone.download({ url, header: auth }));
      if (good(answer)) return answer.path;
      if (answer.status !== 503 || tried === PAUSES.length) break;
      await phone.pause(PAUSES[tried]);
    }
    throw problemOf(answer);
  }

  return {
    call,
    upload,
    picture,
    time,
    get: (path, values = {}) => call('GET', path + query(values)),
    /** @param {string} path @param {any} body @param {string} [key] @param {string} [account] */
    post: (path, body, key, account) => call('POST', path, { body, key, account }),
    /** What everybody may read. */
    open: (path, values = {}) => call('GET', path + query(values), { open: true }),
    /** The address of a path that everybody may read, as a released photo. */
    url: (path) => base + path,
  };
}

module.exports = { makeApi };
