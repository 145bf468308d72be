/** Things kept on the phone under names; what is written is there after a kill, or was refused. */

class StorageFull extends Error {
  constructor() {
    super('手机存储空间不足，没能保存。请清理微信存储空间后再试');
    this.name = 'StorageFull';
  }
}

/**
 * @typedef {object} Storage the phone's own, synchronous
 * @property {(key: string) => any} read undefined where there is nothing
 * @property {(key: string, value: any) => void} write throws where there is no room
 * @property {(key: string) => void} remove
 * @property {() => string[]} keys
 */

/** What is read again from the server: it gives way to what a person entered, in this order. */
const SPARE = ['case:', 'set:report:', 'set:reports', 'set:district', 'set:catalogue'];

/** What a name and its value have at most, letters of JSON: more is refused however much room there is. */
const MOST_OF_A_KEY = 1024 * 1024;

/**
 * The storage, in which what can be read again gives way to what cannot.
 * @param {Storage} storage
 * @returns {Storage}
 */
function yielding(storage) {
  function write(key, value) {
    try {
      storage.write(key, value);
    } catch (full) {
      const spare = fits(key, value) && storage.keys().sort((a, b) => rank(a) - rank(b)).find((one) => rank(one) < SPARE.length);
      if (!spare) throw full;
      storage.remove(spare);
      write(key, value);
    }
  }
  return { ...storage, write };
}

/** Each system says in words of its own what is too much, so it is counted. @param {string} key @param {any} value */
const fits = (key, value) => key.length + JSON.stringify(value).length <= MOST_OF_A_KEY;

/** @param {string} key */
function rank(key) {
  const at = SPARE.findIndex((prefix) => key.indexOf(prefix) === 0);
  return at < 0 ? SPARE.length : at;
}

/**
 * The part of the storage whose names begin with `prefix`.
 * @param {Storage} storage
 * @param {string} prefix
 */
function makeStore(storage, prefix) {
  /** What there was no room for: newer than what is stored, and gone with the mini program. */
  const held = new Map();
  return {
    get(name) {
      return held.has(name) ? held.get(name) : storage.read(prefix + name);
    },
    /** @throws {StorageFull} */
    put(name, value) {
      try {
        storage.write(prefix + name, value);
      } catch (_) {
        throw new StorageFull();
      }
      held.delete(name);
    },
    /** Puts it, or holds it until the mini program ends. Whether it was put. */
    hold(name, value) {
      try {
        this.put(name, value);
        return true;
      } catch (_) {
        held.set(name, value);
        return false;
      }
    },
    drop(name) {
      held.delete(name);
      storage.remove(prefix + name);
    },
    names() {
      const stored = storage
        .keys()
        .filter((key) => key.indexOf(prefix) === 0)
        .map((key) => key.slice(prefix.length));
      return Array.from(new Set(stored.concat(Array.from(held.keys()))));
    },
  };
}

module.exports = { makeStore, yielding };
