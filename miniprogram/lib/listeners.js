/** Who wants to hear of something. A listener that fails keeps nobody else from hearing. */
function makeListeners() {
  /** @type {Set<(what?: any) => void>} */
  const all = new Set();
  return {
    /** Adds one; returns what removes it. @param {(what?: any) => void} one */
    on(one) {
      all.add(one);
      return () => all.delete(one);
    },
    /** @param {any} [what] */
    tell(what) {
      Array.from(all).forEach((one) => {
        try {
          one(what);
        } catch (thrown) {
          console.error(thrown);
        }
      });
    },
  };
}

module.exports = { makeListeners };
