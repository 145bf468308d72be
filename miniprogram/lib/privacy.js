/**
 * The privacy agreement. WeChat holds back the protected calls until a person agreed, once for all
 * versions; a new version of the text is asked for here, at the next protected call. What was
 * agreed to is told to the server when there is a session and network, once for each account;
 * nothing waits for that.
 */
const { PRIVACY_VERSION } = require('./config');
const { makeListeners } = require('./listeners');

/** As WeChat says it of a protected call. */
const REFUSED = { errMsg: 'fail privacy permission is not authorized' };

/**
 * @param {object} edges
 * @param {any} edges.store
 * @param {any} edges.api
 * @param {any} edges.session
 * @param {() => number} edges.now
 * @param {() => Promise<boolean>} edges.wechatAsks whether WeChat itself asks before it gives anything
 */
function makePrivacy({ store, api, session, now, wechatAsks }) {
  const changed = makeListeners();
  /** @type {((answer: any) => void)[]} */
  let waiting = [];
  let own = false;
  let telling = false;

  /** @returns {{version: string, at: string, told?: string} | null} */
  const agreed = () => store.get('privacy') || null;

  function ask(resolve, ours) {
    own = ours;
    waiting.push(resolve);
    changed.tell(true);
  }

  function answer(event, buttonId) {
    const all = waiting;
    waiting = [];
    all.forEach((resolve) => resolve({ event, buttonId }));
    changed.tell(false);
  }

  async function outdated() {
    const known = agreed();
    return (!known || known.version !== PRIVACY_VERSION) && !(await wechatAsks());
  }

  const untold = () => {
    const known = agreed();
    const account = session.account();
    return known && account && known.told !== account.id ? { known, account } : null;
  };

  /** Tells the server what it does not know yet; what fails is told the next time. */
  async function tell() {
    if (telling) return;
    telling = true;
    try {
      for (let next = untold(); next; next = untold()) {
        const { known, account } = next;
        await api.post('/api/v1/me/privacy', { version: known.version, agreed_at: known.at });
        if ((agreed() || known).version === known.version) store.hold('privacy', { ...known, told: account.id });
      }
    } catch (_) {
      // Without network, or refused.
    } finally {
      telling = false;
    }
  }

  session.onChange(() => tell());

  return {
    /** Called by WeChat when a protected call waits for consent. */
    ask: (resolve) => ask(resolve, false),
    asking: () => waiting.length > 0,
    /** Whether it is this mini program that asks, and not WeChat. */
    own: () => own,
    agree(buttonId) {
      store.hold('privacy', { version: PRIVACY_VERSION, at: new Date(now()).toISOString() });
      answer('agree', buttonId);
      tell();
    },
    refuse: () => answer('disagree', undefined),
    /** Whether a protected call would ask for this version of the text. */
    outdated,
    /** Before a protected call; rejects as WeChat does where the person does not agree. */
    async allowed() {
      if (!(await outdated())) return;
      const said = await new Promise((resolve) => ask(resolve, true));
      if (said.event !== 'agree') throw REFUSED;
    },
    /** What was agreed to, or null. */
    agreed,
    tell,
    version: PRIVACY_VERSION,
    onChange: changed.on,
  };
}

module.exports = { makePrivacy };
