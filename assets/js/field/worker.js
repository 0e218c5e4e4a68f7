// The service worker of the technician's pages: the newest page with a line, the kept one without; and the pocket is
// emptied when the line comes back, even if no page is open (where the browser can do that).
import { empty } from "./send.js";
import { PAGES, SHELL } from "./shell.js";
import { fact } from "./store.js";

const PATIENCE = 6000;
const WITHOUT = "/orders/without-line";
const PAGE = /^\/orders\/(mine|[0-9a-f-]{36})$/;
const KEPT = [[/^\/static\//, SHELL], [/^\/photos\//, PAGES]];

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(SHELL).then((shell) => shell.add(WITHOUT)));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname.startsWith("/orders/")) event.respondWith(PAGE.test(url.pathname) ? page(request, url) : other(request));
    return;
  }
  const place = KEPT.find(([pattern]) => pattern.test(url.pathname));
  if (place) event.respondWith(part(request, place[1]));
});

const later = (wait) => new Promise((_, reject) => setTimeout(reject, wait));

/** The newest page if the line lets it through in time, else the kept one, else a page that says so. */
async function page(request, url) {
  const pages = await caches.open(PAGES);
  const address = url.pathname + url.search;
  const known = (await pages.match(address, { ignoreVary: true })) || (await pages.match(url.pathname, { ignoreVary: true }));
  const asked = fetch(request).then((answer) => {
    if (answer.ok) pages.put(address, answer.clone());
    return answer;
  });
  asked.catch(() => {});
  try {
    const answer = await (known ? Promise.race([asked, later(PATIENCE)]) : asked);
    return answer.status >= 500 && known ? known : answer;
  } catch {
    return known || other(request);
  }
}

const other = (request) => fetch(request).catch(() => caches.match(WITHOUT));

/** Scripts, styles, icons and photos: from the line, else as they were kept. */
async function part(request, name) {
  const place = await caches.open(name);
  try {
    const answer = await fetch(request);
    if (answer.ok && answer.status === 200) place.put(request, answer.clone());
    return answer;
  } catch (error) {
    const known = await place.match(request, { ignoreVary: true });
    if (known) return known;
    throw error;
  }
}

self.addEventListener("sync", (event) => {
  if (event.tag === "pocket") event.waitUntil(goOut());
});

async function goOut() {
  const pages = new BroadcastChannel("pocket");
  const status = await empty(await fact("account"), () => pages.postMessage("changed"));
  pages.postMessage("changed");
  pages.close();
  if (status === "offline" || status === "later") throw new Error(status); // the browser tries again
}
