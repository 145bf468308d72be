// request, uploadFile, downloadFile over the phone's network, which can be cut at any moment.

import { call, channel, taskCall } from '../call.js';
import * as files from '../files.js';
import * as settings from '../settings.js';

const OFFLINE = 'errcode:-106 cronet_error_code:-106 error_msg:net::ERR_INTERNET_DISCONNECTED';
const BROKEN = 'errcode:-101 cronet_error_code:-101 error_msg:net::ERR_CONNECTION_RESET';
const CUT = { errno: 600001 };

const changed = channel();
/** What is on its way, to be cut with the network. */
const flying = new Set();
let base = { production: '', local: '' };

export function setServer(given) {
  base = given;
}

export function isOn() {
  return settings.get('network') !== 'off' && navigator.onLine;
}

let was = null;

function look() {
  const on = isOn();
  if (was === on) return;
  was = on;
  if (!on) for (const one of [...flying]) one.cut();
  changed.emit({ isConnected: on, networkType: on ? 'wifi' : 'none' });
}

/** The app lies in the background: nothing is sent or heard any more. */
export function interrupt() {
  for (const one of [...flying]) one.cut('interrupted');
}

export function watchNetwork() {
  was = isOn();
  settings.onChangeOf('network', look);
  addEventListener('online', look);
  addEventListener('offline', look);
}

/** The local address of one that the mini program calls; null where it may not call it. */
export function localOf(url) {
  if (base.production && url.startsWith(base.production)) return base.local + url.slice(base.production.length);
  const own = new URL(base.local || '.', location.href);
  const asked = URL.canParse(url) ? new URL(url) : null;
  if (!asked) return null;
  if (asked.origin === location.origin) return url;
  // A demo's own addresses, as in links to photos: its server is behind the local one.
  if (['127.0.0.1', 'localhost'].includes(asked.hostname)) return own.href.replace(/\/$/, '') + asked.pathname + asked.search;
  return null;
}

/**
 * Sends; gives a task.
 *
 * @param {any} options as the mini program gave them
 * @param {any} outcome succeed, refuse
 * @param {object} how
 * @param {string} how.method
 * @param {string} how.url
 * @param {any} [how.body]
 * @param {XMLHttpRequestResponseType} how.type
 * @param {(request: XMLHttpRequest) => any} how.done reads the answer
 */
function send(options, outcome, { method, url, body, type, done }) {
  const heads = channel();
  const progress = channel();
  const request = new XMLHttpRequest();
  const handle = { cut: (words = OFFLINE) => stop(words, CUT) };
  let timer = null;
  const stop = (words, more) => {
    clearTimeout(timer);
    flying.delete(handle);
    request.onload = request.onerror = null;
    request.abort();
    outcome.refuse(words, more);
  };
  const task = {
    abort: () => stop('abort'),
    ...{ onProgressUpdate: progress.on, offProgressUpdate: progress.off },
    ...{ onHeadersReceived: heads.on, offHeadersReceived: heads.off },
  };
  const local = localOf(String(url ?? ''));
  if (local === null || !isOn()) {
    const [words, more] = local === null ? ['url not in domain list', { errno: 600002 }] : [OFFLINE, CUT];
    queueMicrotask(() => outcome.refuse(words, more));
    return task;
  }
  flying.add(handle);
  timer = setTimeout(() => stop('timeout', { errno: 5 }), options.timeout ?? 60_000);
  request.onerror = () => stop(isOn() ? BROKEN : OFFLINE, CUT);
  request.onload = async () => {
    clearTimeout(timer);
    if (settings.get('network') === 'lost') return stop(BROKEN, CUT);
    flying.delete(handle);
    heads.emit({ header: headers(request), statusCode: request.status });
    return outcome.succeed(await done(request));
  };
  const up = body instanceof FormData;
  (up ? request.upload : request).onprogress = ({ loaded, total }) => progress.emit(measured(loaded, total, !up));
  const go = () => flying.has(handle) && begin(request, { method, local, type, header: options.header, body });
  if (settings.get('network') === 'slow') setTimeout(go, settings.get('slowMs'));
  else go();
  return task;
}

function begin(request, { method, local, type, header, body }) {
  request.open(method, local);
  request.responseType = type;
  writeHeaders(request, header ?? {}, body);
  request.send(body);
}

function measured(loaded, total, down) {
  const names = down ? ['totalBytesWritten', 'totalBytesExpectedToWrite'] : ['totalBytesSent', 'totalBytesExpectedToSend'];
  return { progress: total ? Math.round((loaded / total) * 100) : 0, [names[0]]: loaded, [names[1]]: total };
}

function writeHeaders(request, header, body) {
  for (const [name, value] of Object.entries(header)) {
    const own = /^(referer|user-agent)$/i.test(name) || (body instanceof FormData && /^content-type$/i.test(name));
    if (!own && value !== undefined) request.setRequestHeader(name, String(value));
  }
}

function headers(request) {
  const lines = request.getAllResponseHeaders().trim().split(/\r?\n/).filter(Boolean);
  return Object.fromEntries(
    lines.map((one) => {
      const at = one.indexOf(':');
      const name = one.slice(0, at).replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
      return [name, one.slice(at + 1).trim()];
    }),
  );
}

const isPlain = (data) => data !== null && typeof data === 'object' && !(data instanceof ArrayBuffer);

/** Address, headers and body as the platform makes them of `data`. */
export function formed({ url, data, method = 'GET', header = {} }) {
  const verb = method.toUpperCase();
  const typed = Object.keys(header).find((name) => name.toLowerCase() === 'content-type');
  const kind = typed ? String(header[typed]) : 'application/json';
  const pairs = () => Object.entries(data).map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&');
  if (verb === 'GET' || verb === 'HEAD') {
    const query = isPlain(data) ? pairs() : '';
    return { verb, url: query ? `${url}${url.includes('?') ? '&' : '?'}${query}` : url, header, body: undefined };
  }
  let body = data;
  if (isPlain(data)) body = kind.startsWith('application/x-www-form-urlencoded') ? pairs() : JSON.stringify(data);
  return { verb, url, header: typed ? header : { ...header, 'content-type': kind }, body };
}

function parsed(text, dataType) {
  if (dataType !== undefined && dataType !== 'json') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const request = taskCall('request', (options, outcome) => {
  const { verb, url, header, body } = formed(options);
  const bytes = options.responseType === 'arraybuffer';
  return send({ ...options, header }, outcome, {
    ...{ method: verb, url, body, type: bytes ? 'arraybuffer' : 'text' },
    done: (answer) => ({
      data: bytes ? answer.response : parsed(answer.response, options.dataType),
      ...{ statusCode: answer.status, header: headers(answer), cookies: [] },
    }),
  });
});

const uploadFile = taskCall('uploadFile', (options, outcome) => {
  const file = files.read(String(options.filePath));
  if (!file) {
    queueMicrotask(() => outcome.refuse(`file not found: ${options.filePath}`));
    return { abort() {}, onProgressUpdate() {}, offProgressUpdate() {}, onHeadersReceived() {}, offHeadersReceived() {} };
  }
  const body = new FormData();
  for (const [name, value] of Object.entries(options.formData ?? {})) body.append(name, String(value));
  body.append(options.name, file.blob, String(options.filePath).split('/').pop());
  const done = (answer) => ({ data: answer.response, statusCode: answer.status, header: headers(answer) });
  return send(options, outcome, { method: 'POST', url: options.url, body, type: 'text', done });
});

const downloadFile = taskCall('downloadFile', (options, outcome) =>
  send(options, outcome, {
    ...{ method: 'GET', url: options.url, type: 'blob' },
    done: async (answer) => {
      const blob = answer.response;
      if (!options.filePath) return { tempFilePath: files.temporary(blob), statusCode: answer.status };
      await files.write(options.filePath, blob);
      return { filePath: options.filePath, statusCode: answer.status };
    },
  }),
);

export const network = {
  ...{ request, uploadFile, downloadFile },
  getNetworkType: call('getNetworkType', () => ({ networkType: isOn() ? 'wifi' : 'none', isConnected: isOn() })),
  onNetworkStatusChange: changed.on,
  offNetworkStatusChange: changed.off,
};
