// What is typed into a form with data-draft survives a reload; it goes when the form was taken, or after a week.
const WEEK = 7 * 864e5;
const PREFIX = "draft:";
const SKIP = "[type=password], [type=file], [type=hidden], [name=csrfmiddlewaretoken], [data-no-draft]";

function store(key, value) {
  try {
    if (value) localStorage.setItem(PREFIX + key, JSON.stringify({ at: Date.now(), value }));
    else localStorage.removeItem(PREFIX + key);
  } catch {
    // Storage full or forbidden: the form still works, only without a draft.
  }
}

function load(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(PREFIX + key) || "null");
    return kept && Date.now() - kept.at < WEEK ? kept.value : null;
  } catch {
    return null;
  }
}

function fields(form) {
  return [...form.elements].filter((field) => field.name && !field.matches(SKIP) && field.type !== "submit");
}

function collect(form) {
  const value = {};
  for (const field of fields(form)) {
    if (field.type === "checkbox" || field.type === "radio") continue;
    if (field.value && field.value !== field.defaultValue && field.tagName !== "SELECT") value[field.name] = field.value;
  }
  return Object.keys(value).length ? value : null;
}

function restore(form) {
  const value = load(form.dataset.draft);
  if (!value) return;
  let some = false;
  for (const field of fields(form)) {
    if (!(field.name in value) || field.value) continue;
    field.value = value[field.name];
    some = true;
  }
  const note = form.querySelector("[data-draft-note]");
  if (some && note) note.hidden = false;
}

export function drafts() {
  const begin = (root) => root.querySelectorAll?.("form[data-draft]").forEach(restore);
  for (const done of document.querySelectorAll("[data-draft-done]")) store(done.dataset.draftDone, null);
  begin(document);
  let timer = 0;
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form?.dataset.draft) return;
    clearTimeout(timer);
    timer = setTimeout(() => store(form.dataset.draft, collect(form)), 300);
  });
  for (const swapped of ["htmx:afterSwap", "live:swapped"]) {
    document.addEventListener(swapped, (event) => begin(event.target));
  }
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (form && event.detail.successful && event.detail.requestConfig?.verb === "post") {
      store(form.dataset.draft, null);
      form.reset();
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset?.draft) return;
    clearTimeout(timer);
    store(form.dataset.draft, collect(form));
    sessionStorage.setItem("draft-sent", form.dataset.draft);
  });
  // A plain post that was taken leads to another page without the form; a refused one shows the form again.
  const sent = sessionStorage.getItem("draft-sent");
  sessionStorage.removeItem("draft-sent");
  const again = sent && document.querySelector(`form[data-draft="${CSS.escape(sent)}"]`);
  if (sent && !document.querySelector("[aria-invalid=true], .form-errors, .error-page")) {
    store(sent, null);
    again?.reset();
    again?.querySelector("[data-draft-note]")?.setAttribute("hidden", "");
  }
}
