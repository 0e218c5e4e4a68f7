// The form of a move opens below the photos, without a line too. What is typed is kept as it is typed.
import { pad, signature, signed } from "./pad.js";
import { draft, keepDraft } from "./store.js";
import { moment, say } from "./words.js";

const QUICK = 150;
const SKIP = new Set(["csrfmiddlewaretoken", "next", "version"]);

/** The fields that a person fills. */
export function typed(form) {
  return [...new FormData(form)].filter(([name, value]) => !SKIP.has(name) && typeof value === "string");
}

export const draftKey = (form, account) => `${account}:${form.dataset.pocket}`;

/** Open the form of a move in its place; `values` fill it, else what was typed before. */
export async function open(box, name, account, values = null) {
  const template = box?.querySelector(`template[data-sheet-of="${CSS.escape(name)}"]`);
  const place = document.getElementById("act");
  if (!template || !place) return null;
  const form = template.content.querySelector("form").cloneNode(true);
  place.replaceChildren(form);
  pad(form);
  minutes(form, box);
  const kept = values ? { values } : await draft(draftKey(form, account)).catch(() => null);
  if (kept) {
    fill(form, kept.values);
    if (kept.signature) signed(form, kept.signature).catch(() => {});
    if (!values) form.querySelector("[data-draft-note]").hidden = false;
  }
  form.scrollIntoView({ block: "nearest" });
  form.querySelector("textarea, select, input:not([type=hidden], [hidden], [type=file])")?.focus({ preventScroll: true });
  return form;
}

function fill(form, values) {
  for (const [name, value] of values) {
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === value;
      else if (field.type !== "file" && field.type !== "hidden") field.value = value;
    }
  }
}

/** Minutes by a thumb: usual ones, and those since the arrival. */
function minutes(form, box) {
  const field = form.elements.namedItem("minutes");
  const chips = document.getElementById("minute-chips")?.content.firstElementChild.cloneNode(true);
  if (!field || !chips) return;
  const passed = Math.round((Date.now() - Number(box.dataset.since || Date.parse(box.dataset.arrived))) / 60000);
  const since = chips.querySelector("[data-since]");
  if (passed > 0 && passed <= 600) {
    since.hidden = false;
    since.dataset.minutes = String(passed);
    since.textContent = say("since", { n: passed });
  }
  chips.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-minutes]");
    if (!chip) return;
    field.value = chip.dataset.minutes;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  field.after(chips);
}

/** Whether enough is filled: of some fields one is needed; says so at the first of them. */
export function enough(form) {
  const names = (form.dataset.oneOf || "").split(" ").filter(Boolean);
  if (!names.length || form.querySelector("canvas[data-signed]")) return true;
  const fields = names.map((name) => form.elements.namedItem(name));
  if (fields.some((field) => field.value)) return true;
  const first = fields.find((field) => !field.hidden);
  first.setCustomValidity(form.dataset.oneOfWords);
  first.reportValidity();
  form.addEventListener("input", () => first.setCustomValidity(""), { once: true });
  return false;
}

export function sheets(account) {
  let timer = 0;
  let form = null;
  const save = async () => {
    clearTimeout(timer);
    const now = form;
    form = null;
    if (!now?.isConnected || now.dataset.replaces) return;
    const values = typed(now).filter(([, value]) => value);
    const hand = await signature(now);
    const value = values.length || hand ? { values, signature: hand, at: moment(Date.now()) } : null;
    await keepDraft(draftKey(now, account), value).catch(() => {});
  };
  document.addEventListener("input", (event) => {
    const found = event.target.closest?.("form.sheet");
    if (!found) return;
    form = found;
    clearTimeout(timer);
    timer = setTimeout(save, QUICK);
  });
  addEventListener("pagehide", save);
  document.addEventListener("visibilitychange", () => document.hidden && save());
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-sheet]");
    const box = link?.closest("[data-order]");
    if (link && box?.querySelector(`template[data-sheet-of="${link.dataset.sheet}"]`)) {
      event.preventDefault();
      open(box, link.dataset.sheet, account);
    }
    if (event.target.closest("[data-sheet-close]")) document.getElementById("act").replaceChildren();
  });
  /** The form went into the pocket: what was about to be saved as a draft is not. */
  return () => { clearTimeout(timer); form = null; };
}
