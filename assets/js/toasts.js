// What happened, bottom left. With an undo it stays for its seconds, without one for eight; errors stay.
const STAY = 8;

function run(toast) {
  const seconds = Number(toast.dataset.seconds || STAY);
  const bar = toast.querySelector("progress");
  const until = performance.now() + seconds * 1000;
  const tick = () => {
    const left = (until - performance.now()) / 1000;
    if (!toast.isConnected) return;
    if (left <= 0) return toast.remove();
    if (bar) bar.value = left / seconds;
    setTimeout(tick, bar ? 250 : left * 1000);
  };
  tick();
}

/** The panes end above the toasts, however many lines these have. */
function room() {
  const box = document.getElementById("messages");
  if (!box || !("ResizeObserver" in window)) return;
  new ResizeObserver(() => {
    document.body.style.setProperty("--toast-room", box.offsetHeight ? `${box.offsetHeight + 24}px` : "0px");
  }).observe(box);
}

export function toasts() {
  room();
  const begin = (root) => root.querySelectorAll?.(".toast:not([data-stay])").forEach((toast) => {
    if (toast.dataset.running) return;
    toast.dataset.running = "yes";
    run(toast);
  });
  begin(document);
  document.addEventListener("toast:new", () => begin(document));
  document.addEventListener("htmx:load", (event) => begin(event.target.parentNode || document));
  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss]")?.closest(".toast")?.remove();
  });
}
