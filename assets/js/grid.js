// A table of doors is one stop of the Tab key: arrows walk it, Enter opens, and a caption says what is there.
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function begin(table) {
  const doors = [...table.querySelectorAll("a")];
  if (!doors.length) return;
  for (const door of doors) door.tabIndex = -1;
  (table.querySelector("a[aria-current], a:focus") || doors[0]).tabIndex = 0;
}

function next(cell, [down, right]) {
  let row = cell.parentNode;
  let at = cell.cellIndex;
  for (;;) {
    if (down) row = down > 0 ? row.nextElementSibling : row.previousElementSibling;
    else at += right;
    const found = row?.cells[at];
    if (!row || (right && !found)) return null;
    const door = found?.querySelector("a");
    if (door) return door;
  }
}

function say(event) {
  const door = event.target.closest?.("[data-grid] a");
  const caption = door && document.getElementById(door.closest("[data-grid]").dataset.says);
  if (caption) caption.textContent = door.getAttribute("aria-label");
}

export function grid() {
  document.querySelectorAll("[data-grid]").forEach(begin);
  document.addEventListener("live:swapped", (event) => event.target.querySelectorAll("[data-grid]").forEach(begin));
  document.addEventListener("focusin", say);
  document.addEventListener("pointerover", say);
  document.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const door = step && event.target.closest?.("[data-grid] a");
    const found = door && next(door.closest("td"), step);
    if (!found) return;
    event.preventDefault();
    door.tabIndex = -1;
    found.tabIndex = 0;
    found.focus();
  });
}
