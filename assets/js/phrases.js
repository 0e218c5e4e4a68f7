// Common sentences: “/” at the start of a word opens their list, letters narrow it, arrows walk, Enter inserts.
// The house has filled their gaps for the case; nothing is asked for before the first “/”.
const ASKED = /(?:^|[^\w/:.])\/([^\s/]{0,20})$/u;

let field = null;
let list = null;
let at = 0;
const fetched = new Map();

/** What was typed after the “/” before the caret; null where there is none. */
function asked() {
  const found = ASKED.exec(field.value.slice(0, field.selectionStart));
  return found && field.selectionStart === field.selectionEnd ? found[1].toLowerCase() : null;
}

const options = () => [...list.querySelectorAll("[role=option]")].filter((one) => !one.hidden);

function mark() {
  const shown = options();
  at = Math.max(0, Math.min(at, shown.length - 1));
  shown.forEach((one, n) => one.setAttribute("aria-selected", String(n === at)));
  field.setAttribute("aria-activedescendant", shown[at].id);
  shown[at].scrollIntoView({ block: "nearest" });
}

function place() {
  const box = field.getBoundingClientRect();
  const above = box.top > innerHeight - box.bottom;
  list.style.left = `${box.left}px`;
  list.style.width = `${Math.min(box.width, 560)}px`;
  list.style.top = above ? "auto" : `${box.bottom + 4}px`;
  list.style.bottom = above ? `${innerHeight - box.top + 4}px` : "auto";
  list.style.maxHeight = `${Math.min(280, (above ? box.top : innerHeight - box.bottom) - 12)}px`;
}

function close() {
  list?.remove();
  list = null;
  for (const name of ["role", "aria-expanded", "aria-controls", "aria-activedescendant", "aria-autocomplete"]) {
    field?.removeAttribute(name);
  }
}

function open() {
  const made = document.createElement("template");
  made.innerHTML = fetched.get(field.dataset.phrases);
  list = made.content.querySelector("#phrases");
  if (!list) return;
  list.hidden = false;
  document.body.append(list);
  list.addEventListener("mousedown", (event) => {
    const one = event.target.closest("[role=option]");
    event.preventDefault();
    if (one) insert(one);
  });
  place();
  const told = { role: "combobox", "aria-expanded": "true", "aria-controls": "phrases", "aria-autocomplete": "list" };
  for (const [name, value] of Object.entries(told)) field.setAttribute(name, value);
}

function insert(one) {
  const end = field.selectionStart;
  const start = field.value.slice(0, end).lastIndexOf("/");
  field.setRangeText(one.dataset.words, start, end, "end");
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function narrow() {
  const wanted = asked();
  if (wanted === null) return close();
  if (!list) open();
  if (!list) return;
  for (const one of list.querySelectorAll("[role=option]")) one.hidden = !one.dataset.find.includes(wanted);
  if (options().length) mark();
  else close();
}

async function load(url) {
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" } });
    if (answer.ok) fetched.set(url, await answer.text());
  } catch {
    // Without a line the sentence is typed by hand.
  }
}

export function phrases() {
  document.addEventListener("input", async (event) => {
    if (!event.target.matches?.("textarea[data-phrases]") || event.isComposing) return;
    if (field !== event.target) close();
    field = event.target;
    if (asked() === null) return close();
    const url = field.dataset.phrases;
    if (!fetched.has(url)) await load(url);
    if (fetched.has(url) && document.activeElement === field) narrow();
  });
  document.addEventListener("focusout", (event) => event.target === field && close());
  addEventListener("resize", close);
  document.addEventListener("keydown", (event) => {
    if (!list || event.target !== field || event.isComposing || event.ctrlKey || event.metaKey) return;
    const shown = options();
    if (event.key === "ArrowDown") at = (at + 1) % shown.length;
    else if (event.key === "ArrowUp") at = (at + shown.length - 1) % shown.length;
    else if (event.key === "Enter" || event.key === "Tab") insert(shown[at]);
    else if (event.key === "Escape") close();
    else return;
    if (list) mark();
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
}
