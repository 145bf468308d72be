/** What pages and components listen to, ended with them. */

/** @type {WeakMap<object, (() => void)[]>} */
const held = new WeakMap();

/** @param {object} owner @param {(() => any)[]} ends what `onChange` gave */
function listen(owner, ...ends) {
  held.set(owner, (held.get(owner) || []).concat(ends));
}

/** @param {object} owner */
function unlisten(owner) {
  (held.get(owner) || []).forEach((end) => end());
  held.delete(owner);
}

/** What is gone draws nothing more, whatever answer still comes. @param {any} owner */
function silence(owner) {
  owner.setData = () => {};
}

/** Whether it still listens: what is gone draws nothing more. @param {object} owner */
function alive(owner) {
  return held.has(owner);
}

module.exports = { listen, unlisten, alive, silence };
