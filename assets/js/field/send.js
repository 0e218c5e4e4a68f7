// What is in the pocket goes out: one after the other, each until it was acknowledged. Runs in a page and in the worker.
import { change, fact, items, setFact, take, waits } from "./store.js";

const WAIT = 20000;
const SLOWEST = 4; // bytes a millisecond: below 4 KB a second a photo is tried again later

/**
 * How a try ended: taken, refused (told says why), offline, later (the house is busy or answers nonsense), expired (sign
 * in again), other (another account is signed in), token (the forgery check failed).
 * @param {import("./store.js").Item} item
 * @returns {Promise<{kind: string, told?: any}>}
 */
export async function post(item, csrf) {
  const body = new FormData();
  for (const [name, value] of item.fields) body.append(name, value);
  let size = 0;
  for (const [name, blob, file] of item.files) {
    body.append(name, blob, file);
    size += blob.size;
  }
  const said = { version: item.version, once: item.once, made: item.made, sent: Date.now(), skew: item.skew ?? "" };
  for (const [name, value] of Object.entries(said)) body.set(name, String(value));
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), WAIT + size / SLOWEST);
  try {
    const headers = { "X-Pocket": item.account, "X-CSRFToken": csrf || "", Accept: "application/json" };
    const request = { method: "POST", body, headers, credentials: "same-origin", redirect: "manual", signal: stop.signal };
    return await verdict(item, await fetch(item.url, request));
  } catch {
    return { kind: "offline" };
  } finally {
    clearTimeout(timer);
  }
}

async function verdict(item, answer) {
  const { status } = answer;
  if (answer.type === "opaqueredirect" || status === 401) return { kind: "expired" };
  const told = await answer.json().catch(() => null);
  // A portal of some wireless network answers 200 to everything: only an answer that knows the key counts.
  if (answer.ok) return told?.once === item.once ? { kind: "taken", told } : { kind: "later" };
  if (status >= 500 || status === 429 || status === 408 || told?.code === "in_flight") return { kind: "later" };
  if (told?.code === "pocket.other_account") return { kind: "other" };
  if (status === 403 && !told) return { kind: "token" };
  return { kind: "refused", told: told?.sentence ? told : { code: "", sentence: "", status } };
}

/** The first that may go: what stands behind a refused one of the same order waits for it. */
function next(mine) {
  const stuck = new Set();
  for (const item of mine) {
    if (item.answer) stuck.add(item.order);
    else if (!stuck.has(item.order)) return item;
  }
  return null;
}

async function run(account, tell) {
  for (;;) {
    const mine = (await items()).filter((item) => item.account === account && waits(item));
    const item = next(mine);
    if (!item) return mine.length ? "refused" : "empty";
    const { kind, told } = await post(item, await fact("csrf"));
    if (kind === "taken") {
      await take(item, told);
      await setFact("skew", told.now - Date.now());
    } else if (kind === "refused") {
      await change(item.id, { answer: told });
    } else {
      return kind;
    }
    tell(kind, item);
  }
}

/** Empty the pocket of one account; one page or worker at a time, and the house does everything once anyway. */
export function empty(account, tell = () => {}) {
  if (!navigator.locks) return run(account, tell);
  return navigator.locks.request("pocket", { ifAvailable: true }, (lock) => (lock ? run(account, tell) : "busy"));
}
