/**
 * What is half written, under a name: it is there again after a kill. Its id becomes the key of
 * what is sent, so that one draft can never be sent twice.
 */

/**
 * @param {object} edges
 * @param {any} edges.store
 * @param {() => string} edges.newId
 */
function makeDrafts({ store, newId }) {
  return {
    /** The draft of that name, a new one where there is none. @param {string} name @returns {any} */
    open(name) {
      return store.get(name) || { id: newId(), photos: [] };
    },
    has(name) {
      return store.get(name) !== undefined;
    },
    /** @param {string} name @param {any} draft */
    save(name, draft) {
      store.put(name, draft);
    },
    drop(name) {
      store.drop(name);
    },
    /** Drops drafts of what is in the outbox. @param {(id: string) => boolean} sent */
    dropSent(sent) {
      store.names().forEach((name) => {
        if (sent(store.get(name).id)) store.drop(name);
      });
    },
    /** Photos that drafts name. */
    photos() {
      return store.names().reduce((found, name) => {
        const draft = store.get(name);
        return found.concat(draft.photos || [], draft.after_photos || []);
      }, []);
    },
  };
}

module.exports = { makeDrafts };
