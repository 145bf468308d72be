/** Who is signed in: by WeChat alone, renewed without anybody noticing. */
const { problemOf, Problem } = require('./problem');
const { makeListeners } = require('./listeners');

const SESSIONS = '/api/v1/sessions';
/** A token this close to its end is not used any more, ms. */
const MARGIN = 60 * 1000;

/**
 * @param {object} edges
 * @param {any} edges.phone login() → code, request(…), now()
 * @param {any} edges.store
 * @param {string} edges.base
 */
function makeSession({ phone, store, base }) {
  const changed = makeListeners();
  /** @type {Promise<any> | null} */
  let signing = null;

  function kept() {
    const found = store.get('session');
    return found && Date.parse(found.expires_at) - MARGIN > phone.now() ? found : null;
  }

  async function open(more) {
    const code = await phone.login();
    const answer = await phone.request({
      method: 'POST',
      url: base + SESSIONS,
      header: { 'Content-Type': 'application/json' },
      data: JSON.stringify({ wechat_code: code, ...more }),
    });
    if (answer.status !== 201) throw problemOf(answer);
    const { token, expires_at, account } = answer.data;
    if (!token) throw new Problem({ status: 500, message: '登录没有成功，请稍后再试' });
    store.put('session', { token, expires_at, account });
    changed.tell(account);
    return token;
  }

  function signIn() {
    if (signing === null) {
      signing = open({}).finally(() => {
        signing = null;
      });
    }
    return signing;
  }

  return {
    /** A token to send, signing in where there is none. */
    async token() {
      const found = kept();
      return found ? found.token : signIn();
    },
    /** Another token than the one that was refused; several calls at once sign in once. */
    async renew(refused) {
      const found = kept();
      if (found && found.token !== refused) return found.token;
      store.drop('session');
      return signIn();
    },
    /** Binds this WeChat to the staff account that the code was made for. */
    bind(code) {
      return open({ binding_code: code });
    },
    /** The account as last told; null before the first sign-in. */
    account() {
      const found = store.get('session');
      return found ? found.account : null;
    },
    /** Whether the person works here; remembered without network. */
    isStaff() {
      const account = this.account();
      return !!account && account.roles.some((one) => one.role !== 'citizen');
    },
    onChange: changed.on,
  };
}

module.exports = { makeSession };
