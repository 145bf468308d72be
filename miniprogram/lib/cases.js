/** Cases as members of staff read them, kept on the phone for when there is no network. */

/** So many are kept whole; the longest unread goes first. */
const KEPT = 40;
const LIST = ' list';

/**
 * @param {object} edges
 * @param {any} edges.api @param {any} edges.session @param {any} edges.store of this alone
 * @param {() => number} edges.now
 */
function makeCases({ api, session, store, now }) {
  const owner = () => (session.account() || { id: '' }).id;

  function write(name, value) {
    try {
      store.put(name, { owner: owner(), at: now(), value });
    } catch (_) {
      // Without room it is not there offline; nothing else is lost.
    }
  }

  /** What this account read last under a name, or null. */
  function read(name) {
    const found = store.get(name);
    return found && found.owner === owner() ? found.value : null;
  }

  function thin() {
    const names = store.names().filter((name) => name !== LIST);
    if (names.length <= KEPT) return;
    const dated = names.map((name) => ({ name, at: (store.get(name) || { at: 0 }).at }));
    dated.sort((a, b) => a.at - b.at);
    dated.slice(0, names.length - KEPT).forEach(({ name }) => store.drop(name));
  }

  /** Takes in a case that an answer told whole; what the caller may no more see is forgotten. */
  function keep(one) {
    if (!one || !one.number) return;
    if (!one.timeline) store.drop(one.number);
    else {
      write(one.number, one);
      thin();
    }
  }

  return {
    kept: read,
    keep,
    /** @param {string} number @returns {Promise<any>} */
    async load(number) {
      const one = await api.get(`/api/v1/cases/${encodeURIComponent(number)}`);
      keep(one);
      return one;
    },
    /** Cases that wait for me, all of them up to the server's longest page. */
    async mine() {
      const { items } = await api.get('/api/v1/cases', { holder: 'me', sort: 'due_at', limit: 200 });
      write(LIST, items);
      return items;
    },
    keptMine: () => read(LIST),
    /**
     * Reads the first cases whole that changed since they were last read: they open without
     * network then. Whether any was read.
     * @param {any[]} items @param {number} [most]
     */
    async ahead(items, most = 12) {
      const news = items.slice(0, most).filter((one) => (read(one.number) || {}).version !== one.version);
      for (const { number } of news) keep(await api.get(`/api/v1/cases/${encodeURIComponent(number)}`));
      return news.length > 0;
    },
  };
}

module.exports = { makeCases };
