// Pages refresh by themselves. An event names kind, id, matter and version, never content. What shows it is fetched
// again a moment later, all of one address in one request, and not by all screens at once. Without a stream: a poll.
const POLL = 30000;
const SOON = 300;
const JITTER = 1500;
const LATER = 5000;

let htmx = null;
let timer = 0;
const waiting = new Set();

function dirty(element) {
  if (element.matches(":popover-open") || element.querySelector(":popover-open, details[open]")) return true;
  const focused = document.activeElement;
  if (element.contains(focused) && focused.matches("input, textarea, select")) return true;
  const typed = element.querySelectorAll("textarea, input:not([type=hidden], [type=checkbox], [type=radio])");
  return [...typed].some((field) => field.value !== field.defaultValue);
}

function address(element) {
  return new URL(element.dataset.liveUrl || location.href, location.href).href.replace(/#.*/, "");
}

/** Put the fresh element where the old one stands; scroll, focus and the open row stay. */
function swap(old, fresh) {
  const pane = old.querySelector(".scroll");
  const [top, inner] = [old.scrollTop, pane?.scrollTop || 0];
  const focus = old.contains(document.activeElement) && document.activeElement.id;
  const now = document.adoptNode(fresh);
  old.replaceWith(now);
  htmx.process(now);
  now.scrollTop = top;
  const fresher = now.querySelector(".scroll");
  if (fresher) fresher.scrollTop = inner;
  if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
  now.dispatchEvent(new CustomEvent("live:swapped", { bubbles: true }));
}

async function fetchAgain(url, elements) {
  const answer = await fetch(url, { headers: { "X-Live": "1" }, credentials: "same-origin" });
  if (!answer.ok || (answer.redirected && new URL(answer.url).pathname !== new URL(url).pathname)) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const element of elements) {
    const fresh = page.getElementById(element.id);
    if (!fresh || !element.isConnected) continue;
    if (dirty(element)) plan([element], LATER);
    else if (fresh.outerHTML !== element.outerHTML) swap(element, fresh);
  }
}

function run() {
  timer = 0;
  if (document.hidden) return;
  const byUrl = new Map();
  for (const element of waiting) {
    if (!element.isConnected) continue;
    const url = address(element);
    byUrl.set(url, [...(byUrl.get(url) || []), element]);
  }
  waiting.clear();
  for (const [url, elements] of byUrl) fetchAgain(url, elements).catch(() => {});
}

function plan(elements, wait = SOON + Math.random() * JITTER) {
  for (const element of elements) if (element.id) waiting.add(element);
  if (waiting.size && !timer) timer = setTimeout(run, wait);
}

function shows(element, fact) {
  const wanted = element.dataset.live.split(" ");
  if (wanted.includes(`${fact.kind}:${fact.id}`)) {
    return !(fact.version && Number(element.dataset.version) >= fact.version);
  }
  return wanted.includes(fact.kind) || (fact.matter && wanted.some((one) => one.endsWith(`:${fact.matter}`)));
}

function hear(event) {
  let fact;
  try {
    fact = JSON.parse(event.data);
  } catch {
    return;
  }
  plan([...document.querySelectorAll("[data-live]")].filter((element) => shows(element, fact)));
}

export function live(library) {
  htmx = library;
  const stream = document.body.dataset.events;
  if (!stream || !document.querySelector("[data-live]")) return;
  const all = () => plan(document.querySelectorAll("[data-live]"));
  let poll = 0;
  let source = null;
  const slow = () => { poll ||= setInterval(all, POLL + Math.random() * JITTER); };
  const open = () => {
    if (!("EventSource" in window) || document.hidden || source) return;
    source = new EventSource(stream);
    source.onopen = () => { clearInterval(poll); poll = 0; };
    source.onmessage = hear;
    source.addEventListener("change", hear);
    source.addEventListener("refetch", all);
    source.onerror = () => {
      slow();
      if (source?.readyState === EventSource.CLOSED) source = null;
    };
  };
  const close = () => { source?.close(); source = null; };
  slow();
  open();
  // A page nobody looks at gives its connection back; when looked at again it asks once for what it missed.
  let idle = 0;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(idle);
    if (document.hidden) {
      idle = setTimeout(close, 60000);
      return;
    }
    if (!source) all();
    else if (waiting.size) plan([]);
    open();
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    all();
    open();
  });
}
