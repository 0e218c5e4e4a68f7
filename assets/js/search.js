// The one box for finding and doing: Ctrl+K opens it, arrows walk, Enter opens or presses, Escape closes.
// A command that stands as a button on the page presses that button: its form opens where the hands are used to it.
export function search() {
  const box = document.getElementById("q");
  const found = document.getElementById("found");
  if (!box || !found) return;
  let at = -1;
  const hits = () => [...found.querySelectorAll("[role=option]")];
  const mark = () => {
    const all = hits();
    all.forEach((hit, n) => {
      hit.classList.toggle("current", n === at);
      hit.setAttribute("aria-selected", String(n === at));
    });
    box.setAttribute("aria-expanded", String(all.length > 0));
    if (all[at]) box.setAttribute("aria-activedescendant", all[at].id);
    else box.removeAttribute("aria-activedescendant");
    all[at]?.scrollIntoView({ block: "nearest" });
  };
  const close = () => {
    found.replaceChildren();
    at = -1;
    mark();
  };
  document.addEventListener("htmx:afterSettle", (event) => { // only now: settling gives a hit that stood here before its attributes from the house
    if (event.target !== found) return;
    at = hits().length && box.value.trim() ? 0 : -1;
    mark();
  });
  found.addEventListener("click", (event) => {
    const hit = event.target.closest("[role=option]");
    const button = hit && document.querySelector(`#case a[href="${CSS.escape(hit.getAttribute("href"))}"]`);
    if (!button) return;
    event.preventDefault();
    close();
    box.value = "";
    box.blur();
    button.click();
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const all = hits();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      at = Math.max(-1, Math.min(all.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)));
      mark();
      event.preventDefault();
    } else if (event.key === "Enter" && at >= 0) {
      all[at].click();
      event.preventDefault();
    } else if (event.key === "Escape") {
      close();
      box.blur();
    }
  });
}
