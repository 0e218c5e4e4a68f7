// What is typed and chosen in a form with data-draft survives a reload, and is there on another computer of the same person;
// it goes when the form was taken, when it is thrown away, or after a week.
const WEEK = 7 * 864e5;
const PREFIX = "draft:";
const SKIP = "[type=password], [type=file], [type=hidden], [name=csrfmiddlewaretoken], [data-no-draft]";
const CHOICE = "select, [type=checkbox], [type=radio]";
const PUSH = 1500;

let pushing = null;
let timer = 0;
let later = 0;

const house = () => document.body.dataset.drafts;

function store(key, value, at = Date.now()) {
  try {
    if (value) localStorage.setItem(PREFIX + key, JSON.stringify({ at, value }));
    else localStorage.removeItem(PREFIX + key);
  } catch {
    // Storage full or forbidden: the form still works, only without a draft.
  }
}

function load(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(PREFIX + key) || "null");
    return kept && Date.now() - kept.at < WEEK ? kept : null;
  } catch {
    return null;
  }
}

/** Tell the house; a newer word about the same form takes the place of one on its way. */
async function push(form, key, value) {
  const token = form?.elements.csrfmiddlewaretoken?.value || document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (!house() || !token) return;
  pushing?.abort();
  pushing = new AbortController();
  try {
    const answer = await fetch(house(), {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ form: key, value }),
      signal: pushing.signal,
      keepalive: true,
    });
    if (answer.status !== 200) return;
    const { at } = await answer.json();
    if (load(key)) store(key, value, at);
  } catch {
    // Without a line the draft stays here.
  }
}

function forget(form, key) {
  clearTimeout(timer);
  clearTimeout(later);
  store(key, null);
  push(form, key, null);
}

/** Who signs out leaves nothing for the next person at this telephone. */
function forgetAll(of) {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX + of)) localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}

function fields(form) {
  return [...form.elements].filter((field) => field.name && !field.matches(SKIP) && field.type !== "submit");
}

/** The choices of a form by their names: a menu, or the boxes and dots of one name. */
function choices(form) {
  const found = new Map();
  for (const field of fields(form)) if (field.matches(CHOICE)) found.set(field.name, [...(found.get(field.name) || []), field]);
  return found;
}

/** What is chosen in them, or was as the page came. */
function chosen(group, came = false) {
  return group.flatMap((field) => {
    if (field.tagName !== "SELECT") return (came ? field.defaultChecked : field.checked) ? [field.value] : [];
    const options = [...field.options].filter((option) => (came ? option.defaultSelected : option.selected));
    return (options.length || field.multiple ? options : [...field.options].slice(0, 1)).map((option) => option.value);
  });
}

function choose(group, values) {
  for (const field of group) {
    if (field.tagName !== "SELECT") field.checked = values.includes(field.value);
    else for (const option of field.options) option.selected = values.includes(option.value);
  }
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Words as they are, choices as lists; only what differs from how the page came, unless it came with what was typed. */
function collect(form) {
  const value = {};
  const all = form.querySelector("[data-typed]");
  for (const field of fields(form)) {
    if (!field.matches(CHOICE) && field.value && (all || field.value !== field.defaultValue)) value[field.name] = field.value;
  }
  for (const [name, group] of choices(form)) {
    const now = chosen(group);
    if (all || !same(now, chosen(group, true))) value[name] = now;
  }
  return Object.keys(value).length ? value : null;
}

/** Put what is kept where nothing else was typed or chosen; whether there was any. */
function put(form, value, instead = {}) {
  let some = false;
  for (const field of fields(form)) {
    if (field.matches(CHOICE) || typeof value[field.name] !== "string") continue;
    if (field.value && field.value !== instead[field.name]) continue;
    field.value = value[field.name];
    some = true;
  }
  for (const [name, group] of choices(form)) {
    const [wanted, now] = [value[name], chosen(group)];
    if (!Array.isArray(wanted) || same(now, wanted)) continue;
    if (!same(now, chosen(group, true)) && !same(now, instead[name])) continue;
    choose(group, wanted);
    if (!same(chosen(group), wanted)) choose(group, now);
    else some = true;
  }
  const note = form.querySelector("[data-draft-note]");
  if (some && note) note.hidden = false;
  return some;
}

/** What another computer kept later than this one; a note is asked about once somebody goes there to write. */
async function ask(form) {
  if (!house() || form.dataset.asked) return;
  form.dataset.asked = "yes";
  const key = form.dataset.draft;
  try {
    const answer = await fetch(`${house()}?form=${encodeURIComponent(key)}`);
    if (answer.status !== 200) return;
    const { at, value } = await answer.json();
    const mine = load(key);
    if (mine && mine.at >= at) return;
    if (put(form, value, mine?.value)) store(key, value, at);
  } catch {
    // Without a line there is what this computer knows.
  }
}

function restore(form) {
  const mine = load(form.dataset.draft);
  if (mine) put(form, mine.value);
  if (!form.matches(".composer")) ask(form);
}

/** Thrown away, and for some seconds it can be had back. */
function discard(form) {
  const value = collect(form);
  const key = form.dataset.draft;
  forget(form, key);
  for (const field of fields(form)) if (!field.matches(CHOICE) && field.name in (value || {})) field.value = field.defaultValue;
  for (const group of choices(form).values()) choose(group, chosen(group, true));
  form.querySelector("[data-draft-note]")?.setAttribute("hidden", "");
  const made = document.getElementById("draft-gone")?.content.cloneNode(true);
  if (!made || !value) return;
  const toast = made.firstElementChild;
  toast.querySelector("[data-undo]").addEventListener("click", () => {
    put(form, value);
    store(key, value);
    push(form, key, value);
    toast.remove();
    form.querySelector("textarea, input:not([type=hidden])")?.focus();
  });
  document.getElementById("messages").append(toast);
  document.dispatchEvent(new CustomEvent("toast:new"));
}

export function drafts() {
  const begin = (root) => root.querySelectorAll?.("form[data-draft]").forEach(restore);
  // A plain post that was taken leads to another page without the form; a refused one shows the form again.
  const sent = sessionStorage.getItem("draft-sent");
  sessionStorage.removeItem("draft-sent");
  if (sent && !document.querySelector("[aria-invalid=true], .form-errors, .error-page")) forget(null, sent);
  for (const done of document.querySelectorAll("[data-draft-done]")) forget(null, done.dataset.draftDone);
  const left = document.querySelector("[data-draft-forget]");
  if (left) forgetAll(left.dataset.draftForget);
  begin(document);
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form?.dataset.draft) return;
    clearTimeout(timer);
    clearTimeout(later);
    timer = setTimeout(() => store(form.dataset.draft, collect(form)), 300);
    later = setTimeout(() => push(form, form.dataset.draft, collect(form)), PUSH);
  });
  document.addEventListener("focusin", (event) => event.target.form?.matches?.(".composer[data-draft]") && ask(event.target.form));
  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-draft-drop]")?.form;
    if (form) discard(form);
  });
  for (const swapped of ["htmx:afterSwap", "live:swapped"]) {
    document.addEventListener(swapped, (event) => begin(event.target));
  }
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (form && event.detail.successful && event.detail.requestConfig?.verb === "post") {
      forget(form, form.dataset.draft);
      form.reset();
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset?.draft) return;
    clearTimeout(timer);
    clearTimeout(later);
    pushing?.abort();
    store(form.dataset.draft, collect(form));
    // A form of several pages is sent by the last one, which says so.
    if (!("draftStays" in form.dataset)) sessionStorage.setItem("draft-sent", form.dataset.draft);
  });
}
