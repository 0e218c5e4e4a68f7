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

/** What went wrong in the house or on the way to it; the form stays as it was typed, to be sent again. */
function failed(words) {
  const toast = document.getElementById("toast-failed")?.content.firstElementChild.cloneNode(true);
  if (!toast) return;
  document.querySelector("#messages [data-failed]")?.remove();
  toast.querySelector(".grow").textContent = words || toast.dataset.failed;
  document.getElementById("messages").append(toast);
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
  document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
    if (xhr.status < 500) return;
    const told = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelectorAll(".error-page h1 ~ p:not(.buttons)");
    failed([...told].map((one) => one.textContent.trim()).join(" "));
  });
  document.addEventListener("htmx:sendError", () => failed(""));
  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss]")?.closest(".toast")?.remove();
  });
}
