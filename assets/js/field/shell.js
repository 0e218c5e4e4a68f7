// The application on the telephone: a worker that opens kept pages without a line, and what it keeps.
import { fact, setFact } from "./store.js";

export const PAGES = "field-pages";
export const SHELL = "field-shell";
const FRESH = 10 * 60000;
const MOST = 60;

/** Pages tell of people: they go when somebody signs out, and when another account signs in. */
export const forget = () => globalThis.caches?.delete(PAGES);

async function own(account) {
  if ((await fact("account")) !== account) await forget();
  await setFact("account", account);
}

/** Scripts, styles, icons: what the page stands on. Names of a new version push out the oldest. */
async function stand() {
  const shell = await caches.open(SHELL);
  const parts = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")];
  const sprite = document.querySelector("svg use")?.getAttribute("href")?.split("#")[0];
  const urls = [...parts.map((part) => part.href || part.src), ...(sprite ? [new URL(sprite, location.href).href] : [])];
  for (const url of urls) if (!(await shell.match(url))) await shell.add(url);
  const kept = await shell.keys();
  for (const old of kept.slice(0, Math.max(0, kept.length - MOST))) if (!urls.includes(old.url)) await shell.delete(old);
}

/**
 * The list and every order in hand, so that they open in a cellar; each again when it changed or is ten minutes old.
 * @param {Map<string, number>} took when the house took something of the order of a page: what was kept before is old
 */
export async function gather(took = new Map()) {
  const pages = await caches.open(PAGES);
  const boxes = [...document.querySelectorAll("[data-order]")].filter((box) => box.dataset.state !== "pool");
  const wanted = new Map(boxes.map((box) => [box.dataset.url, box.dataset.version]));
  const list = document.body.dataset.mine;
  wanted.set(list, "");
  took.set(list, Math.max(0, ...took.values()));
  for (const [url, version] of wanted) {
    const mark = await fact(`page:${url}`);
    const after = Math.max(took.get(url) || 0, Date.now() - FRESH);
    if (mark && mark.version === version && mark.at > after && (await pages.match(url))) continue;
    const at = Date.now();
    const answer = await fetch(url, { headers: { "X-Live": "1" } });
    if (!answer.ok || answer.redirected) return;
    await pages.put(url, answer);
    await setFact(`page:${url}`, { version, at });
  }
}

/** Whether the pages that would open in a cellar know of what the house took. @param {import("./store.js").Item} item */
export async function keptSince(item) {
  const marks = await Promise.all([item.page, document.body.dataset.mine].map((url) => fact(`page:${url}`)));
  return marks.every((mark) => mark && mark.at > item.taken.at);
}

function installing() {
  const offer = document.getElementById("install");
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer.hidden = false;
    offer.querySelector("button").addEventListener("click", () => event.prompt(), { once: true });
  });
  addEventListener("appinstalled", () => { offer.hidden = true; });
}

/** Begin; over plain http there is no worker, and the page says so. @param {string} account */
export async function shell(account) {
  const note = document.getElementById("insecure");
  if (!("serviceWorker" in navigator)) {
    if (note) note.hidden = isSecureContext;
    return null;
  }
  await own(account);
  if (note) installing();
  const worker = await navigator.serviceWorker.register("/orders/worker.js", { scope: "/orders/" });
  if (note && navigator.onLine) stand().then(gather).catch(() => {});
  return worker;
}
