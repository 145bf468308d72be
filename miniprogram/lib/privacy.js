/**
 * The privacy agreement: WeChat holds back the protected calls until a person agreed; which
 * version that was is remembered.
 */
const { PRIVACY_VERSION } = require('./config');
const { makeListeners } = require('./listeners');

/** @param {object} edges @param {any} edges.store @param {() => number} edges.now */
function makePrivacy({ store, now }) {
  const changed = makeListeners();
  /** @type {((answer: any) => void)[]} */
  let waiting = [];

  function answer(event, buttonId) {
    const all = waiting;
    waiting = [];
    all.forEach((resolve) => resolve({ event, buttonId }));
    changed.tell(false);
  }

  return {
    /** Called by WeChat when a protected call waits for consent. */
    ask(resolve) {
      waiting.push(resolve);
      changed.tell(true);
    },
    asking: () => waiting.length > 0,
    agree(buttonId) {
      store.put('privacy', { version: PRIVACY_VERSION, at: new Date(now()).toISOString() });
      answer('agree', buttonId);
    },
    refuse: () => answer('disagree', undefined),
    /** What was agreed to, or null. */
    agreed: () => store.get('privacy') || null,
    version: PRIVACY_VERSION,
    onChange: changed.on,
  };
}

module.exports = { makePrivacy };
