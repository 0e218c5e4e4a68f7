// Pages refresh by themselves. An event names kind, id and version, never content; only elements that show it
// are fetched again, a moment later and not all at once. Without a stream: a slow poll of what is on screen.
const POLL = 30000;
const JITTER = 1500;
const waiting = new Map();

function dirty(element) {
  if (element.matches(":popover-open") || element.querySelector(":popover-open")) return true;
  const focused = document.activeElement;
  if (element.contains(focused) && focused.matches("input, textarea, select")) return true;
  return [...element.querySelectorAll("textarea, input[type=text]")].some((f) => f.value !== f.defaultValue);
}

function refetch(htmx, element) {
  waiting.delete(element);
  if (!element.isConnected || document.hidden) return;
  if (dirty(element)) return plan(htmx, element, 5000);
  const url = element.dataset.liveUrl || location.pathname + location.search;
  const top = element.scrollTop;
  const inner = element.querySelector(".scroll");
  const at = inner?.scrollTop || 0;
  const focus = element.contains(document.activeElement) && document.activeElement.id;
  htmx.ajax("GET", url, { target: element, select: `#${element.id}`, swap: "outerHTML" }).then(() => {
    const now = document.getElementById(element.id);
    if (!now) return;
    now.scrollTop = top;
    const pane = now.querySelector(".scroll");
    if (pane) pane.scrollTop = at;
    if (focus) document.getElementById(focus)?.focus();
  }, () => {});
}

function plan(htmx, element, least = 200) {
  if (!element.id || waiting.has(element)) return;
  waiting.set(element, setTimeout(refetch, least + Math.random() * JITTER, htmx, element));
}

function hear(htmx, event) {
  let fact;
  try {
    fact = JSON.parse(event.data);
  } catch {
    return;
  }
  for (const element of document.querySelectorAll("[data-live]")) {
    const wanted = element.dataset.live.split(" ");
    if (!wanted.includes(fact.kind) && !wanted.includes(`${fact.kind}:${fact.id}`)) continue;
    const version = Number(element.dataset.version);
    if (fact.version && version && version >= fact.version) continue;
    plan(htmx, element);
  }
}

export function live(htmx) {
  const stream = document.body.dataset.events;
  if (!stream || !document.querySelector("[data-live]")) return;
  const all = () => document.querySelectorAll("[data-live]").forEach((element) => plan(htmx, element));
  let poll = 0;
  const slow = () => { poll ||= setInterval(all, POLL); };
  let source = null;
  const open = () => {
    if (!("EventSource" in window) || document.hidden || source) return;
    source = new EventSource(stream);
    source.onopen = () => { clearInterval(poll); poll = 0; };
    source.onmessage = (event) => hear(htmx, event);
    source.onerror = () => {
      slow();
      if (source?.readyState === EventSource.CLOSED) source = null;
    };
  };
  slow();
  open();
  // A page nobody looks at gives its connection back; when looked at again it asks once for what it missed.
  let hidden = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      hidden = setTimeout(() => { source?.close(); source = null; }, 60000);
    } else {
      clearTimeout(hidden);
      if (!source) all();
      open();
    }
  });
  addEventListener("pagehide", () => { source?.close(); source = null; });
}
