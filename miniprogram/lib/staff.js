/** What only staff's pages need of the phone, put together with the core. */
const core = require('./core');
const { makeStore } = require('./store');
const { makeCases } = require('./cases');

const cases = makeCases({ api: core.api, session: core.session, store: makeStore(core.phone.storage, 'case:'), now: core.phone.now });

const laneOf = (number) => `case:${number}`;

/** How many steps of a case wait on this phone. @param {string} number */
function waiting(number) {
  return core.outbox.open().filter((item) => item.lane === laneOf(number)).length;
}

/** @param {string} role */
function hasRole(role) {
  const account = core.session.account();
  return !!account && account.roles.some((one) => one.role === role);
}

module.exports = { cases, laneOf, waiting, hasRole };
