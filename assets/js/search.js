// The one search box: arrows walk the hits, Enter opens the first, Escape closes.
export function search() {
  const box = document.getElementById("q");
  const found = document.getElementById("found");
  if (!box || !found) return;
  let at = -1;
  const hits = () => [...found.querySelectorAll("a[role=option], .hits a")];
  const mark = () => {
    hits().forEach((hit, n) => hit.classList.toggle("current", n === at));
    const now = hits()[at];
    now?.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target === found) at = -1;
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
      found.replaceChildren();
      box.blur();
    }
  });
}
