// Single keys press what carries data-key; J and K walk rows, X ticks one, ? lists all. Off in fields and during composition.
const FIELDS = "input, textarea, select, [contenteditable]";

function shown(element) {
  return element.getClientRects().length > 0;
}

function walk(step) {
  const rows = [...document.querySelectorAll("[data-row]")].filter(shown);
  if (!rows.length) return;
  const focused = document.activeElement.closest("[data-row]");
  let at = rows.indexOf(focused);
  if (at < 0) at = rows.findIndex((row) => row.matches("[aria-current], .current, :has([aria-current])"));
  const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + step))];
  const link = next.matches("a") ? next : next.querySelector("a");
  link?.focus();
  next.scrollIntoView({ block: "nearest" });
}

/** X ticks the row that is walked. */
function tick() {
  const box = document.activeElement.closest("[data-row]")?.querySelector("input[data-tick]");
  box?.click();
  return Boolean(box);
}

function press(key) {
  const wanted = CSS.escape(key);
  const found = [...document.querySelectorAll(`[data-key="${wanted}"]`)].find(shown);
  if (!found) return false;
  if (found.matches(FIELDS)) found.focus();
  else found.click();
  return true;
}

function help() {
  const box = document.getElementById("keys");
  if (!box?.showPopover) return;
  if (box.matches(":popover-open")) return box.hidePopover();
  const list = box.querySelector("[data-keys]");
  list.replaceChildren();
  const seen = new Set();
  for (const element of document.querySelectorAll("[data-key]")) {
    const key = element.dataset.key;
    if (seen.has(key) || !shown(element)) continue;
    seen.add(key);
    const cap = document.createElement("dt");
    cap.append(Object.assign(document.createElement("kbd"), { textContent: key }));
    const words = element.dataset.keyWords || element.getAttribute("aria-label") || element.textContent;
    const what = document.createElement("dd");
    what.textContent = words.replace(/\s+/g, " ").trim().replace(new RegExp(` ?${key.replace(/\W/g, "\\$&")}$`), "");
    list.append(cap, what);
  }
  box.showPopover();
}

/** Keys are named only where they can be pressed: not on a telephone, not without script. */
function named() {
  if (!matchMedia("(min-width: 760px) and (hover: hover)").matches) return;
  for (const field of document.querySelectorAll("[data-keyed]")) field.placeholder = field.dataset.keyed;
}

export function keys() {
  named();
  for (const name of ["htmx:load", "live:swapped"]) document.addEventListener(name, named);
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const box = document.getElementById("q");
      if (box) {
        event.preventDefault();
        box.focus();
        box.select();
        box.dispatchEvent(new CustomEvent("palette"));
      }
      return;
    }
    const submits = event.target.closest?.("form[data-ctrl-enter]");
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && submits) return submits.requestSubmit();
    if (event.key === "Escape") return escape(event);
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(FIELDS)) return;
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    if (key === "J" || key === "K") walk(key === "J" ? 1 : -1);
    else if (key === "?") help();
    else if (!(key === "X" && tick()) && !press(key)) return;
    event.preventDefault();
  });
}

function escape(event) {
  const act = document.getElementById("act");
  if (act?.contains(event.target)) {
    act.replaceChildren();
    return;
  }
  if (event.target.closest?.(FIELDS)) return event.target.blur();
  if (document.querySelector(":popover-open, details.menu[open]")) return;
  document.querySelector("[data-back]")?.click();
}
