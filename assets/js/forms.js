// One press is one post; refused moves say why; a confirm is a second press; bulk boxes; filters send themselves.
const BUSY_FOR = 8000;

function busy(form, button) {
  form.dataset.sent = "yes";
  button?.setAttribute("aria-busy", "true");
  const free = () => {
    delete form.dataset.sent;
    button?.removeAttribute("aria-busy");
  };
  setTimeout(free, BUSY_FOR);
  addEventListener("pageshow", free, { once: true });
  form.addEventListener("htmx:afterRequest", free, { once: true });
}

/** Ticks and the bar of buttons may stand outside of their form: a board has forms of its own within. */
function count(form) {
  const ticks = [...form.elements].filter((field) => field.matches("input[data-tick]"));
  const chosen = ticks.filter((tick) => tick.checked).length;
  const own = form.id ? document.querySelectorAll(`[data-bulk="${form.id}"]`) : [];
  for (const bar of [...form.querySelectorAll("[data-bulk]"), ...own]) {
    bar.hidden = chosen === 0;
    for (const words of bar.querySelectorAll("[data-chosen]")) words.textContent = chosen;
  }
  const all = [...form.elements].find((field) => field.matches("input[data-tick-all]"));
  if (all) {
    all.checked = chosen > 0 && chosen === ticks.length;
    all.indeterminate = chosen > 0 && chosen < ticks.length;
  }
}

export function forms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if ((form.method || "get").toLowerCase() !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    busy(form, event.submitter);
  }, true);
  document.addEventListener("change", (event) => {
    const field = event.target;
    const form = field.form;
    if (field.matches("input[data-tick-all]")) {
      for (const tick of form.elements) if (tick.matches("input[data-tick]")) tick.checked = field.checked;
    }
    if (field.matches("input[data-tick], input[data-tick-all]")) count(form);
    if (form?.matches("form[data-auto]") && field.name && field.matches("select, [type=checkbox], [type=date]")) form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
    const toggle = event.target.closest("[data-toggle]");
    if (toggle) {
      event.preventDefault();
      const open = document.body.classList.toggle(toggle.dataset.toggle);
      toggle.setAttribute("aria-expanded", String(open));
    }
    const close = event.target.closest("[data-close]");
    if (close) document.getElementById(close.dataset.close)?.replaceChildren();
  });
  const counted = () => {
    const bars = [...document.querySelectorAll("[data-bulk]")];
    const ticks = [...document.querySelectorAll("input[data-tick]")];
    const asked = [...bars.map((bar) => document.getElementById(bar.dataset.bulk) || bar.closest("form")), ...ticks.map((tick) => tick.form)];
    new Set(asked.filter(Boolean)).forEach(count);
  };
  counted();
  document.addEventListener("live:swapped", counted);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "act") return;
    const form = event.target.querySelector("form.act") || event.target;
    form.querySelector("[autofocus], textarea, input:not([type=hidden]), select, button")?.focus();
  });
}
