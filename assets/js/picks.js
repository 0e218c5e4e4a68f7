// The homes found for a new matter: Enter takes the first one, which is marked; arrows walk from the box through the hits.
export function picks() {
  const box = document.getElementById("who");
  if (!box) return;
  const found = () => document.getElementById("picks");
  const hits = () => [...found().querySelectorAll("a, button")];
  // Hits of what was typed a moment ago are not taken for those of what stands there now.
  const first = () => (box.value.trim() && box.value.trim() === found().dataset.query ? hits()[0] : null);
  const mark = () => first()?.classList.add("ready");
  mark();
  document.addEventListener("htmx:afterSettle", mark);
  box.form.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const inBox = event.target === box;
    if (event.key === "Enter" && inBox && first()) first().click();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const all = [box, ...hits()];
      const at = all.indexOf(event.target);
      if (at < 0) return;
      all[Math.max(0, Math.min(all.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))].focus();
    } else return;
    event.preventDefault();
  });
}
