/** Elder mode: large letters, few choices. Remembered on the phone; without room, until the mini program ends. */

/** @param {{store: any}} edges */
function makeElder({ store }) {
  const on = () => store.get('elder') === true;
  return {
    on,
    set: (wanted) => store.hold('elder', wanted),
    /** The class of a page's outermost view. */
    theme: () => (on() ? 'elder' : ''),
  };
}

module.exports = { makeElder };
