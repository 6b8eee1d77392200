/**
 * What only the extension's own origin may read: the token, the match keys, the fetched code list.
 *
 * IndexedDB of the extension's origin, as `storage.local` is readable by content scripts in
 * Firefox. Match keys are kept as CryptoKeys that cannot be exported.
 */

const STORE = "kept";

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("remitlens", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T>}
 */
async function within(mode, work) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** @param {string} name @returns {Promise<unknown>} */
export const kept = (name) => within("readonly", (store) => store.get(name));

/** @param {string} name @param {unknown} value */
export const keep = (name, value) => within("readwrite", (store) => store.put(value, name));

/** Forget everything kept. */
export const wipe = () => within("readwrite", (store) => store.clear());
