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

/**
 * The part of the storage whose names begin with `prefix`.
 * @param {Storage} storage
 * @param {string} prefix
 */
function makeStore(storage, prefix) {
  return {
    get(name) {
      return storage.read(prefix + name);
    },
    /** @throws {StorageFull} */
    put(name, value) {
      try {
        storage.write(prefix + name, value);
      } catch (_) {
        throw new StorageFull();
      }
    },
    drop(name) {
      storage.remove(prefix + name);
    },
    names() {
      return storage
        .keys()
        .filter((key) => key.indexOf(prefix) === 0)
        .map((key) => key.slice(prefix.length));
    },
  };
}

module.exports = { makeStore, StorageFull };
