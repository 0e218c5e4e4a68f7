// Pages refresh by themselves. An event names kind, id, matter and version, never content. A list fetches the rows named
// again, the rail its counts, anything else its part of the page; a moment later, and not all screens at once. Without a
// stream: a slow poll; when the stream is back, once everything.
import { listen } from "./listen.js";
import { presence } from "./presence.js";

const POLL = 30000;
const SOON = 150;
const JITTER = 900;
// Milliseconds that a screen leaves to each of the others that heard the same.
const EACH = 16;
const CROWD = 1600;
// The same for what nobody looks at, with the least and the most that it waits.
const EACH_SLOW = 150;
const SLOW = [2500, 15000];
const LATER = 5000;

let htmx = null;
// How long the last answer took: a house that is slow is asked less often.
let took = 0;
let among = 0;
const timers = { soon: 0, slow: 0 };
// By the ids of elements: what is fetched may put another element into the place of the one that was told.
const waiting = { soon: new Set(), slow: new Set() };
const rows = { soon: new Map(), slow: new Map() };

function dirty(element) {
  if (element.matches(":popover-open") || element.querySelector(":popover-open, details[open], [data-keep]")) return true;
  const focused = document.activeElement;
  if (element.contains(focused) && focused.matches("input:not([data-tick]), textarea, select")) return true;
  const typed = element.querySelectorAll("textarea, input:not([type=hidden], [type=checkbox], [type=radio])");
  return [...typed].some((field) => field.value !== field.defaultValue);
}

function address(element) {
  const url = new URL(element.dataset.liveUrl || location.href, location.href);
  if (element.dataset.liveUrl) url.searchParams.set("at", location.pathname);
  url.hash = "";
  return url.href;
}

/** Put the fresh element where the old one stands; scroll, focus, ticks and the open row stay. */
function swap(old, fresh) {
  const pane = old.querySelector(".scroll");
  const [top, inner] = [old.scrollTop, pane?.scrollTop || 0];
  const focus = old.contains(document.activeElement) && document.activeElement.id;
  const ticked = [...old.querySelectorAll("input[data-tick]:checked")].map((tick) => tick.value);
  const now = document.adoptNode(fresh);
  for (const tick of now.querySelectorAll("input[data-tick]")) tick.checked = ticked.includes(tick.value);
  old.replaceWith(now);
  htmx.process(now);
  now.scrollTop = top;
  const fresher = now.querySelector(".scroll");
  if (fresher) fresher.scrollTop = inner;
  if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
  now.dispatchEvent(new CustomEvent("live:swapped", { bubbles: true }));
}

async function page(url, headers = {}) {
  const begun = performance.now();
  const answer = await fetch(url, { headers: { "X-Live": "1", ...headers }, credentials: "same-origin" });
  took = performance.now() - begun;
  if (!answer.ok || (answer.redirected && new URL(answer.url).pathname !== new URL(url).pathname)) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function fetchAgain(url, elements) {
  const found = await page(url);
  for (const element of found ? elements : []) {
    const fresh = found.getElementById(element.id);
    if (!fresh || !element.isConnected) continue;
    if (dirty(element)) plan([element], LATER);
    else if (fresh.outerHTML !== element.outerHTML) swap(element, fresh);
  }
}

/** The rows that events named, each with the fact heard last. One that came or went moves others: then the whole list. */
async function fetchRows(id, told) {
  const asked = [...told].map((one) => one.join("@")).join(",");
  const found = await page(address(document.getElementById(id)), { "X-Live-Rows": asked });
  const list = document.getElementById(id);
  if (!list) return;
  let moved = false;
  for (const key of found ? told.keys() : []) {
    const [old, fresh] = [list.querySelector(`#row-${key}`), found.getElementById(`row-${key}`)];
    if (!old !== !fresh) moved = true;
    else if (old && dirty(old)) plan([list], LATER);
    else if (old && fresh.outerHTML !== old.outerHTML) swap(old, fresh);
  }
  if (moved) plan([list]);
}

function run(pace) {
  timers[pace] = 0;
  if (document.hidden) return;
  const byUrl = new Map();
  for (const id of waiting[pace]) {
    const element = document.getElementById(id);
    if (!element) continue;
    const url = address(element);
    byUrl.set(url, [...(byUrl.get(url) || []), element]);
    rows[pace].delete(id);
  }
  waiting[pace].clear();
  for (const [url, elements] of byUrl) fetchAgain(url, elements).catch(() => {});
  for (const [id, keys] of rows[pace]) if (document.getElementById(id)) fetchRows(id, keys).catch(() => {});
  rows[pace].clear();
}

/** The more screens heard the same, the longer each waits: so the house answers at most so many in a second. */
function pause(pace) {
  const soon = SOON + Math.random() * Math.max(JITTER, Math.min(CROWD, EACH * among), 4 * took);
  if (pace === "soon") return soon;
  return soon + Math.min(SLOW[1], Math.max(SLOW[0], EACH_SLOW * among)) * (0.5 + Math.random() / 2);
}

function wake(pace, wait = pause(pace)) {
  timers[pace] ||= setTimeout(run, wait, pace);
}

function plan(elements, wait = undefined) {
  for (const element of elements) {
    if (!element.id) continue;
    const pace = "liveSlow" in element.dataset ? "slow" : "soon";
    waiting[pace].add(element.id);
    wake(pace, wait);
  }
}

/** What stands before somebody's eyes is fetched at once, and a case just registered; all else with the counts. */
function planRow(list, key, { version, fact }) {
  const row = list.querySelector(`#row-${key}`);
  const place = row?.getBoundingClientRect();
  const seen = place ? place.bottom > 0 && place.top < innerHeight : version <= 1;
  const pace = seen ? "soon" : "slow";
  rows[pace].set(list.id, (rows[pace].get(list.id) || new Map()).set(key, fact || ""));
  wake(pace);
}

function shows(element, fact) {
  const wanted = element.dataset.live.split(" ");
  if (wanted.includes(`${fact.kind}:${fact.id}`)) {
    return !(fact.version && Number(element.dataset.version) >= fact.version);
  }
  return wanted.includes(fact.kind) || (fact.matter && wanted.some((one) => one === "case" || one.endsWith(`:${fact.matter}`)));
}

/** The row of a list that a fact is about; empty where the list does not show rows of that kind. */
function rowOf(list, fact) {
  if (!("liveRows" in list.dataset)) return "";
  const key = list.dataset.live === fact.kind ? fact.id : list.dataset.live === "case" ? fact.matter : "";
  return /^[0-9a-f-]{36}$/.test(key) ? key : "";
}

function hear(text) {
  let fact;
  try {
    fact = JSON.parse(text);
  } catch {
    return;
  }
  among = fact.among || 0;
  for (const element of document.querySelectorAll("[data-live]")) {
    if (!shows(element, fact)) continue;
    const key = rowOf(element, fact);
    if (key) planRow(element, key, fact);
    else plan([element]);
  }
}

export function live(library) {
  htmx = library;
  const stream = document.body.dataset.events;
  if (!stream || !document.querySelector("[data-live]")) return;
  const all = () => plan(document.querySelectorAll("[data-live]"));
  const here = presence(stream.split("?")[0]);
  let poll = 0;
  let missed = false;
  let away = 0;
  const slow = () => { poll ||= setInterval(all, POLL + Math.random() * JITTER); };
  document.addEventListener("live:refetch", () => plan(document.querySelectorAll("[data-live]"), 0));
  slow();
  listen(stream, (type, data) => {
    if (type === "change") hear(data);
    else if (type === "refetch") all();
    else if (type === "here") here.take(data);
    else if (type === "cut") {
      missed = true;
      slow();
    } else if (type === "open") {
      clearInterval(poll);
      poll = 0;
      if (missed) all();
      missed = false;
      here.begin();
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) away = Date.now();
    else if (away && Date.now() - away > 55000) all();
    else for (const pace of ["soon", "slow"]) if (waiting[pace].size || rows[pace].size) wake(pace, SOON);
  });
  addEventListener("pageshow", (event) => event.persisted && all());
}
