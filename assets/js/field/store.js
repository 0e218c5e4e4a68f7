// The pocket: what was pressed, typed and taken stays in IndexedDB until the house acknowledged it.

/**
 * One action that waits.
 * @typedef {object} Item
 * @property {number} [id] its place in the row
 * @property {string} once the key under which the house does it once
 * @property {string} account whose it is; `owner` is the name
 * @property {string} owner
 * @property {string} order
 * @property {string} page where the order is looked at
 * @property {string} url where it goes
 * @property {string} name the move, or "photo"
 * @property {string} words what the button said
 * @property {string} place
 * @property {string} title
 * @property {string} to the state after it, empty for the same
 * @property {[string, string][]} fields
 * @property {[string, Blob, string][]} files field, bytes, file name
 * @property {number} version of the order that was looked at, or that the action before it left if it was acknowledged
 * @property {number} made by the clock of this telephone
 * @property {number | null} skew what that clock was off by, if it is known
 * @property {object | null} answer what the house said when it refused
 * @property {{version: number, count: number, at: number} | null} taken what it said when it took it: the item stays until
 *   a page shows what came of it, since the page that opens without a line may be older
 */

const NAME = "shouwen-pocket";
/** @type {Promise<IDBDatabase> | null} */
let opening = null;

function open() {
  opening ||= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("items", { keyPath: "id", autoIncrement: true });
      request.result.createObjectStore("drafts");
      request.result.createObjectStore("facts");
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      const forget = () => { opening = null; };
      database.onversionchange = () => { database.close(); forget(); };
      database.onclose = forget;
      resolve(database);
    };
  });
  opening.catch(() => { opening = null; });
  return opening;
}

/**
 * One transaction, on the disk before it is told to be done. `work` returns the request whose result is wanted.
 * @template T
 * @param {string[]} stores
 * @param {IDBTransactionMode} mode
 * @param {(store: (name: string) => IDBObjectStore) => IDBRequest<T> | void} work
 * @returns {Promise<T>}
 */
async function within(stores, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(stores, mode, { durability: "strict" });
    const fail = () => reject(transaction.error || new DOMException("aborted", "AbortError"));
    transaction.onabort = fail;
    transaction.onerror = fail;
    let wanted;
    transaction.oncomplete = () => resolve(wanted?.result);
    wanted = work((name) => transaction.objectStore(name));
  });
}

/** @returns {Promise<Item[]>} everything, in the order in which it was made */
export const items = () => within(["items"], "readonly", (store) => store("items").getAll());

/**
 * Keep actions, and drop the draft that became one: both or neither. What came before them may have been acknowledged since
 * they were pressed: the version that this left is read where they are written, or they would go out as made on an old one.
 * @param {Item[]} some @param {string} [draft]
 */
export function keep(some, draft) {
  return within(["items", "drafts"], "readwrite", (store) => {
    store("items").getAll().onsuccess = (event) => {
      for (const item of some) store("items").put({ ...item, version: left(item.version, item.order, event.target.result) });
    };
    if (draft) store("drafts").delete(draft);
  });
}

/** The version of an order after all of its actions that were acknowledged. @param {number} seen @param {Item[]} all */
const left = (seen, order, all) => Math.max(seen, ...all.map((one) => (one.order === order && one.taken?.version) || 0));

/** Still to be sent, or refused and to be looked at. @param {Item} item */
export const waits = (item) => !item.taken;

/** Acknowledged; what follows for the same order goes on from the version it left. @param {Item} item */
export function take(item, { version, count }) {
  return within(["items"], "readwrite", (store) => {
    store("items").put({ ...item, taken: { version, count, at: Date.now() } });
    if (!version) return;
    store("items").openCursor(IDBKeyRange.lowerBound(item.id, true)).onsuccess = (event) => {
      const cursor = event.target.result;
      if (!cursor) return;
      if (cursor.value.order === item.order && waits(cursor.value)) cursor.update({ ...cursor.value, version });
      cursor.continue();
    };
  });
}

/** Change what waits, unless it left meanwhile. @param {number} id @param {Partial<Item>} change */
export function change(id, change) {
  return within(["items"], "readwrite", (store) => {
    store("items").get(id).onsuccess = (event) => {
      const found = event.target.result;
      if (found) store("items").put({ ...found, ...change });
    };
  });
}

/** @param {number[]} ids */
export const drop = (...ids) => within(["items"], "readwrite", (store) => { for (const id of ids) store("items").delete(id); });

/** What was typed and not pressed yet. */
export const draft = (key) => within(["drafts"], "readonly", (store) => store("drafts").get(key));
export const keepDraft = (key, value) => within(["drafts"], "readwrite", (store) => {
  if (value) store("drafts").put(value, key);
  else store("drafts").delete(key);
});

/** Small things to remember: whose telephone it is now, the token of forms, what the clock is off by. */
export const fact = (name) => within(["facts"], "readonly", (store) => store("facts").get(name));
export const setFact = (name, value) => within(["facts"], "readwrite", (store) => { store("facts").put(value, name); });
