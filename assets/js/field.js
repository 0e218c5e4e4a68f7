// The technician's script, beside app.js: what is pressed goes into the pocket first and then out. Without it, or where
// nothing can be kept, the same forms are posted as they are.
import { draw, seen, strip } from "./field/card.js";
import { key, list, panel } from "./field/panel.js";
import { signature } from "./field/pad.js";
import { empty, post } from "./field/send.js";
import { draftKey, enough, sheets, typed } from "./field/sheets.js";
import { forget, gather, keptSince, shell } from "./field/shell.js";
import { shrink } from "./field/shoot.js";
import { drop, fact, items, keep, setFact, waits } from "./field/store.js";

const { viewer: account, owner } = document.body.dataset;
const SOON = 2000;
const LATEST = 60000;
const GLAD = 4000;
const DAY = 864e5;

let status = navigator.onLine ? "idle" : "offline";
let flash = "";
let flashing = 0;
let busy = false;
let pressing = 0;
let again = false;
let wait = 0;
let timer = 0;
let worker = null;
let known = new Set();
const gone = new Set();

async function redraw() {
  const all = await items();
  const mine = all.filter((item) => item.account === account);
  const waiting = mine.filter(waits);
  // Whoever sent it, this page or the worker: what waits no more was acknowledged.
  for (const item of mine) if (item.taken && known.has(item.id)) gone.add(item.order);
  known = new Set(waiting.map((item) => item.id));
  const others = new Map();
  for (const item of all) if (item.account !== account && waits(item)) others.set(item.owner, (others.get(item.owner) || 0) + 1);
  const refused = waiting.filter((item) => item.answer).length;
  draw(mine);
  strip({ status: flash || status, refused, waiting: waiting.length - refused, others: [...others.values()].reduce((sum, n) => sum + n, 0) });
  list(waiting, others);
  return tidy(all);
}

/**
 * What was acknowledged leaves once this page and the kept ones show it, or after a day; not while a press is being written
 * that goes on from there.
 */
async function tidy(all) {
  const boxes = new Map([...document.querySelectorAll("[data-order]")].map((box) => [box.dataset.order, box]));
  const old = Date.now() - DAY;
  const over = all.filter((item) => item.taken && item.taken.at < old);
  const shown = all.filter((item) => item.taken && boxes.has(item.order) && seen(boxes.get(item.order), item));
  for (const item of shown) if (!("serviceWorker" in navigator) || (await keptSince(item))) over.push(item);
  if (over.length && !pressing) await drop(...over.map((item) => item.id));
  return shown.filter((item) => !over.includes(item));
}

/** The page was drawn anew: so are the kept ones, or a page without a line would know less than this one. */
async function renew() {
  const behind = await redraw();
  if (!behind.length || !navigator.onLine) return;
  const took = new Map();
  for (const { page, taken } of behind) took.set(page, Math.max(took.get(page) || 0, taken.at));
  await gather(took);
  await redraw();
}

function show(now) {
  status = now;
  return redraw().catch(() => {});
}

/** Said for a few seconds, whatever happens beside it. */
function tell(what) {
  flash = what;
  clearTimeout(flashing);
  flashing = setTimeout(() => { flash = ""; redraw(); }, GLAD);
  return show(status);
}

/** Send what waits; come back sooner after a success, later after each failure. */
async function send() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  clearTimeout(timer);
  let result = "offline";
  if (navigator.onLine) {
    await setFact("csrf", token());
    if ((await items()).some((item) => item.account === account && waits(item) && !item.answer)) await show("sending");
    result = await empty(account, redraw);
    if (result === "token" && (await fresh())) again = true;
  }
  busy = false;
  await settle(result);
  if (again) {
    again = false;
    send();
  }
}

async function settle(result) {
  await redraw();
  const went = new Set(gone);
  gone.clear();
  const trouble = ["offline", "later", "busy", "token"].includes(result);
  wait = trouble ? Math.min(LATEST, wait * 2 || SOON) : 0;
  if (trouble) timer = setTimeout(send, wait);
  if (result === "other") return signedInAsAnother();
  await show(result === "empty" ? "idle" : trouble && result !== "offline" ? "later" : result);
  if (result === "empty" && went.size) await tell("done");
  if (went.size) await follow(went);
}

/** The page is of one account, the session of another: the page is drawn anew, but not over and over. */
function signedInAsAnother() {
  const last = Number(sessionStorage.getItem("pocket-other"));
  sessionStorage.setItem("pocket-other", String(Date.now()));
  if (Date.now() - last > LATEST) location.reload();
}

/** After what was acknowledged: the page again, or where the work goes on. */
async function follow(went) {
  const box = document.getElementById("job");
  const more = (await items()).some((item) => waits(item) && item.order === box?.dataset.order);
  if (box && went.has(box.dataset.order) && !more && box.dataset.now === "over") {
    location.assign(document.body.dataset.mine);
    return;
  }
  document.dispatchEvent(new CustomEvent("live:refetch"));
}

const token = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] || "";

/** The forgery check failed: a page from the house brings a new token. */
async function fresh() {
  const before = token();
  await fetch(document.body.dataset.mine).catch(() => {});
  return token() !== before;
}

/** The actions that a pressed form means: one a photo, else one. @returns {Promise<import("./field/store.js").Item[]>} */
async function actions(form) {
  const place = form.closest("[data-order]");
  const box = place.dataset;
  const common = {
    account, owner, order: box.order, page: box.url, url: form.dataset.pocket, name: form.dataset.name,
    words: form.dataset.words, place: box.place, title: box.title, to: form.dataset.to || "",
    version: Number(box.version), made: Date.now(), skew: (await fact("skew")) ?? null, answer: null, taken: null,
  };
  if (common.name === "photo") {
    const made = [];
    for (const file of form.elements.photos.files) {
      const [blob, name] = await shrink(file);
      made.push({ ...common, once: key(), fields: [["stage", form.dataset.stage]], files: [["photos", blob, name]] });
    }
    return made;
  }
  const hand = await signature(form);
  const files = hand ? [["signature", hand, "signature.png"]] : [];
  const instead = form.dataset.replaces ? { id: Number(form.dataset.replaces) } : {};
  return [{ ...common, ...instead, once: key(), fields: typed(form), files }];
}

/** The press was kept: the form is free for the next one. */
function free(form) {
  delete form.dataset.sent;
  form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  if (form.dataset.name === "photo") form.reset();
  else if (form.closest("#act")) document.getElementById("act").replaceChildren();
  for (const open of form.closest("[data-order]")?.querySelectorAll("details[open]") || []) open.open = false;
}

async function press(form) {
  if (!enough(form)) {
    delete form.dataset.sent;
    return;
  }
  let made = [];
  pressing += 1;
  try {
    made = await actions(form);
    await keep(made, form.matches(".sheet") ? draftKey(form, account) : undefined);
  } catch (error) {
    await notKept(form, made, error);
    return;
  } finally {
    pressing -= 1;
  }
  pressed();
  free(form);
  navigator.storage?.persist?.().catch(() => {});
  worker?.sync?.register("pocket").catch(() => {});
  wait = 0;
  await redraw();
  send();
}

/** No room, or no store at all: with a line it goes out as it is, without one it stays on the page, and that is said. */
async function notKept(form, made, error) {
  delete form.dataset.sent;
  form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  if (error?.name !== "QuotaExceededError" && navigator.onLine) {
    form.submit();
    return;
  }
  const csrf = token();
  for (const item of made) {
    if ((await post(item, csrf)).kind !== "taken") {
      return tell("full");
    }
  }
  free(form);
  follow(new Set(made.map((item) => item.order)));
}

const pressed = sheets(account);
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("form[data-pocket]")) {
    event.preventDefault();
    press(form);
  } else if (form.matches('[action$="/sign-out/"]')) {
    event.preventDefault();
    Promise.resolve(forget()).finally(() => form.submit());
  } else if (form.closest(".phone") && form.method === "post" && !navigator.onLine) {
    event.preventDefault();
    delete form.dataset.sent;
    tell("line");
  }
});
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (event.target.type === "file" && form?.matches("form.shot") && event.target.files.length) form.requestSubmit();
});
// The number came: the press that asked for it dials.
document.addEventListener("htmx:afterSwap", (event) => event.target.closest?.("#job")?.querySelector("a.soft[data-dialled]")?.click());
document.addEventListener("htmx:sendError", () => tell("line"));
document.addEventListener("live:swapped", () => renew().catch(() => {}));
document.addEventListener("visibilitychange", () => document.hidden || send());
addEventListener("online", () => { wait = 0; send(); });
addEventListener("offline", () => show("offline"));
if ("BroadcastChannel" in window) new BroadcastChannel("pocket").onmessage = () => { redraw(); send(); };

panel(account, () => redraw().then(send));
redraw().then(send, () => {});
shell(account).then((found) => { worker = found; return renew(); }).catch(() => {});
