/** Elder mode: large letters, few choices. Remembered on the phone. */
const { makeListeners } = require('./listeners');

/** @param {{store: any}} edges */
function makeElder({ store }) {
  const changed = makeListeners();
  return {
    on: () => store.get('elder') === true,
    set(on) {
      store.put('elder', on);
      changed.tell(on);
    },
    /** The class of a page's outermost view. */
    theme: () => (store.get('elder') === true ? 'elder' : ''),
    onChange: changed.on,
  };
}

module.exports = { makeElder };
