/** What went wrong, told so that a person knows what to do, and a program whether to try again. */

const NO_CONNECTION = '现在连不上，请看看有没有网络';
const NO_ANSWER = '服务器没有应答，请稍后再试';
const BROKEN = '系统出错，请稍后再试';

/** @typedef {{pointer: string, message: string}} Fault */

class Problem extends Error {
  /**
   * @param {object} given
   * @param {number} [given.status] HTTP; 0: there was no answer
   * @param {string} [given.type] the last part of the problem's type (docs/problems.md)
   * @param {string} given.message Chinese, may be shown
   * @param {Fault[]} [given.faults]
   * @param {number} [given.retryAfter] seconds
   * @param {object} [given.more] the problem's own members
   */
  constructor(given) {
    super(given.message);
    this.name = 'Problem';
    this.status = given.status || 0;
    this.type = given.type || '';
    this.faults = given.faults || [];
    this.retryAfter = given.retryAfter || 0;
    this.more = given.more || {};
  }

  /** Whether the same may be sent again as it is: nothing was said about its content. */
  get transient() {
    return [0, 408, 425, 429].indexOf(this.status) >= 0 || this.status >= 500;
  }

  /** What was said about the field at this pointer, or below it. @param {string} pointer */
  at(pointer) {
    const found = this.faults.find(
      (one) => one.pointer === pointer || one.pointer.indexOf(`${pointer}/`) === 0,
    );
    return found ? found.message : '';
  }

  /** As it is kept on the phone. */
  plain() {
    const { status, type, message, faults, retryAfter, more } = this;
    return { status, type, message, faults, retryAfter, more };
  }
}

/** Faults in words; the detail of `invalid-input` names a field as programs do. @param {Fault[]} faults */
const saidOf = (faults) => Array.from(new Set(faults.map((one) => one.message))).join('；');

/**
 * The problem of an answer that is no 2xx.
 * @param {{status: number, header: object, data: any}} answer
 */
function problemOf(answer) {
  const { status, header } = answer;
  let body = answer.data;
  if (typeof body === 'string') {
    try {
      body = JSON.parse(body);
    } catch (_) {
      body = null;
    }
  }
  const told = body && typeof body === 'object' ? body : {};
  const { type: address, title, detail, errors, ...more } = told;
  const type = typeof address === 'string' ? address.split('/').pop() : '';
  const faults = Array.isArray(errors) ? errors : [];
  return new Problem({
    status,
    type,
    message: (type === 'invalid-input' && saidOf(faults)) || detail || title || (status >= 500 ? BROKEN : `请求没有成功（${status}）`),
    faults,
    retryAfter: Number(header['retry-after']) || 0,
    more,
  });
}

/** No answer came. @param {any} [why] what WeChat's API says */
function unanswered(why) {
  const said = String((why && why.errMsg) || '');
  const timedOut = said.indexOf('timeout') >= 0;
  return new Problem({
    type: timedOut ? 'timeout' : 'offline',
    message: timedOut ? NO_ANSWER : NO_CONNECTION,
  });
}

/** The file of a photo is gone: the app was killed before there was room to keep it. */
function photoLost() {
  return new Problem({ status: 1, type: 'photo-lost', message: '照片已不在手机上，请重新拍照' });
}

/** Anything that was thrown, as a problem. @param {any} thrown */
function asProblem(thrown) {
  if (thrown instanceof Problem) return thrown;
  const told = thrown && thrown.name === 'StorageFull';
  if (!told) console.error(thrown);
  return new Problem({ status: 1, type: 'fault', message: told ? thrown.message : BROKEN });
}

module.exports = { Problem, saidOf, problemOf, unanswered, photoLost, asProblem };
