// A page of matters is fetched again when its stream says that one of them moved, but never drawn anew under somebody's
// hands: an open form or a focused field waits. Time moves matters too (a promise that runs out), so that with the stream a
// page is looked at every other minute, and every half minute without one.
import { listen } from "./listen.js";

const POLL = 30000;
const CALM = 120000;
const SOON = 150;
const JITTER = 900;
const BUSY = 3000;

let pace = POLL;
let timer = 0;
let heard = 0;

function busy(element) {
  const focused = document.activeElement;
  return element.querySelector("details[open]") || (element.contains(focused) && focused.matches("textarea, input"));
}

/** The outermost parts that tell their version. */
function shown() {
  return [...document.querySelectorAll("[data-version]")].filter((one) => !one.parentElement.closest("[data-version]"));
}

/** Draw what has moved; whether something waits for somebody's hands. */
async function draw() {
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" }, redirect: "error" });
  if (!answer.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  let waits = false;
  for (const old of shown()) {
    const fresh = page.getElementById(old.id);
    if (!fresh || fresh.dataset.version === old.dataset.version) continue;
    if (busy(old)) {
      waits = true;
      continue;
    }
    old.replaceWith(document.adoptNode(fresh));
    fresh.dispatchEvent(new CustomEvent("live:swapped", { bubbles: true }));
    document.getElementById("moved").textContent = fresh.querySelector("h1")?.textContent || "";
  }
  return waits;
}

function plan(wait) {
  clearTimeout(timer);
  timer = setTimeout(look, wait);
}

function soon() {
  heard += 1;
  plan(SOON + Math.random() * JITTER);
}

async function look() {
  if (document.hidden) return;
  const before = heard;
  const waits = await draw().catch(() => false);
  if (heard === before) plan(waits ? BUSY : pace + Math.random() * JITTER);
}

export function follow() {
  if (!shown().length) return;
  plan(POLL);
  document.addEventListener("visibilitychange", () => document.hidden || soon());
  addEventListener("pageshow", (event) => event.persisted && soon());
  let missed = false;
  const stream = document.body.dataset.events;
  if (!stream) return;
  listen(stream, (type, data) => {
    if (type === "open") {
      pace = CALM;
      if (missed) soon();
      missed = false;
    } else if (type === "cut") {
      pace = POLL;
      if (!missed) plan(POLL);
      missed = true;
    } else if (type === "refetch" || (type === "change" && concerns(data))) soon();
  });
}

/** A page of one matter leaves out what happens to the others. */
function concerns(data) {
  const matter = document.body.dataset.matter;
  return !matter || data.includes(matter);
}
