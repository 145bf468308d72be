/** Who is signed in: by WeChat alone, renewed without anybody noticing. */
const { problemOf, Problem } = require('./problem');
const { makeListeners } = require('./listeners');

const SESSIONS = '/api/v1/sessions';

/**
 * @param {object} edges
 * @param {any} edges.phone login() → code, request(…)
 * @param {any} edges.store
 * @param {string} edges.base
 */
function makeSession({ phone, store, base }) {
  const changed = makeListeners();
  /** @type {Promise<any> | null} */
  let signing = null;

  /** A token that the server takes no more; whose it was stays known. */
  let refused = '';

  function kept() {
    const found = store.get('session');
    return found && found.token !== refused ? found : null;
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
    const { token, account } = answer.data;
    if (!token) throw new Problem({ status: 500, message: '登录没有成功，请稍后再试' });
    store.hold('session', { token, account });
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
    async renew(token) {
      const found = kept();
      if (found && found.token !== token) return found.token;
      refused = token;
      return signIn();
    },
    /**
     * What one person entered is not sent as another.
     * @param {string} id of an account @throws {Problem}
     */
    mustBe(id) {
      const account = this.account();
      if (account && account.id === id) return;
      throw new Problem({ status: 409, type: 'other-account', message: '这是用另一个身份填写的。换回那个身份时自动发出，也可以改用现在的身份发' });
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
