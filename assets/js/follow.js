// A matter that is looked at is fetched again every half minute and drawn anew when it has moved on, but never under
// somebody's hands: an open form or a focused field waits.
const EVERY = 30000;

async function look() {
  const shown = [...document.querySelectorAll("[data-version]")];
  if (!shown.length || document.hidden || document.querySelector("form details[open], .acts details[open], .asks details[open]")) return;
  if (document.activeElement?.matches("textarea, input")) return;
  let answer;
  try {
    answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, redirect: "error" });
  } catch {
    return;
  }
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of shown) {
    const fresh = page.getElementById(old.id);
    if (fresh && fresh.dataset.version !== old.dataset.version) old.replaceWith(fresh);
  }
}

export function follow() {
  if (document.querySelector("[data-version]")) setInterval(look, EVERY);
}
