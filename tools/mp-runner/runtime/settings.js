// One phone's settings: who holds it, where it is, its network, what its owner allowed. They are
// kept by the phone's name, so that several phones live in one browser.

const query = new URLSearchParams(location.search);

export const NAME = query.get('phone') || 'phone';
const KEY = `phone/${NAME}/settings`;

export const DEFAULTS = {
  person: NAME,
  /** on, slow, off; lost: requests arrive and their answers do not */
  network: 'on',
  /** WGS-84 */
  place: { longitude: 112.57, latitude: 26.9 },
  /** the phone's own switch for places, above what the mini program was allowed */
  locationOn: true,
  /** scope → true or false; nobody was asked for what is not here */
  scopes: {},
  privacyAgreed: false,
  /** template id → 'accept' or 'reject', where the person ticked "always" */
  subscriptions: {},
  fontSize: 16,
  /** milliseconds that each request waits when the network is slow */
  slowMs: 3000,
};

const listeners = new Set();
let values = read();

function read() {
  const given = query.get('person') ? { person: query.get('person') } : {};
  return { ...DEFAULTS, ...given, ...JSON.parse(localStorage.getItem(KEY) ?? '{}') };
}

export function get(name) {
  return values[name];
}

export function set(name, value) {
  values = { ...values, [name]: value };
  localStorage.setItem(KEY, JSON.stringify(values));
  for (const listener of [...listeners]) listener(name, value);
}

export function all() {
  return { ...values };
}

/** Calls back with name and value of whatever is set. */
export function onSet(listener) {
  listeners.add(listener);
}

export function onChangeOf(wanted, listener) {
  onSet((name, value) => name === wanted && listener(value));
}

/** Where a key of the mini program's own storage lies. */
export function storagePrefix() {
  return `phone/${NAME}/data/`;
}
