// The form of the platform's calls: success, fail and complete, or a promise.

import { report } from './errors.js';

/** What a call fails with; `errno` and more go along with errMsg. */
export class Refused extends Error {
  constructor(words, more = {}) {
    super(words);
    this.more = more;
  }
}

/** How the platform tells of an error. */
export function failure(name, wrong) {
  if (!(wrong instanceof Refused)) console.error(wrong);
  return { ...wrong.more, errMsg: `${name}:fail${wrong.message ? ` ${wrong.message}` : ''}` };
}

export function tell(options, result, how) {
  for (const callback of [options?.[how], options?.complete]) {
    if (typeof callback !== 'function') continue;
    try {
      callback(result);
    } catch (wrong) {
      report(wrong);
    }
  }
}

export function hasCallback(options) {
  return ['success', 'fail', 'complete'].some((name) => typeof options?.[name] === 'function');
}

/** A call of work that gives its result, or a promise of it, or throws Refused. */
export function call(name, work) {
  return (options = {}) => {
    const outcome = Promise.resolve()
      .then(() => work(options ?? {}))
      .then(
        (result) => ({ how: 'success', result: { ...result, errMsg: `${name}:ok` } }),
        (wrong) => ({ how: 'fail', result: failure(name, wrong) }),
      );
    if (hasCallback(options)) {
      outcome.then(({ how, result }) => tell(options, result, how));
      return undefined;
    }
    return outcome.then(({ how, result }) => {
      if (how === 'success') return result;
      throw result;
    });
  };
}

/** A call that runs until it ends or is stopped, and gives a task at once: no promise. */
export function taskCall(name, begin) {
  return (options = {}) => {
    let over = false;
    const end = (how, result) => {
      if (over) return;
      over = true;
      tell(options, result, how);
    };
    const task = begin(options, {
      succeed: (result) => end('success', { ...result, errMsg: `${name}:ok` }),
      refuse: (words, more) => end('fail', failure(name, new Refused(words, more))),
    });
    return task;
  };
}

/** A pair of on… and off…, and how to tell those who listen. */
export function channel() {
  const listeners = new Set();
  return {
    on: (listener) => listeners.add(listener),
    off: (listener) => (listener ? listeners.delete(listener) : listeners.clear()),
    emit: (detail) => {
      for (const listener of [...listeners]) {
        try {
          listener(detail);
        } catch (wrong) {
          report(wrong);
        }
      }
    },
    get size() {
      return listeners.size;
    },
  };
}
