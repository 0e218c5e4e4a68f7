// Who else has this case open, and who writes: told to the gate while the case is open, drawn at its head.
const AGAIN = 30000;
const TYPING = 20000;

/** Tell of the open case once the stream is open; the returned functions begin to, and draw what the stream says. */
export function presence(stream) {
  const key = Math.random().toString(36).slice(2, 14);
  const me = Number(document.body.dataset.viewer);
  let open = false;
  let told = null;
  let writes = 0;
  let last = null;

  const matter = () => document.querySelector("[data-watching]")?.dataset.watching || "";
  const say = (doing, about) => {
    fetch(`${stream}/here`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ matter: about, key, doing }),
      credentials: "same-origin",
      keepalive: true,
    }).then((answer) => (answer.status === 200 ? answer.text().then(take) : null)).catch(() => {});
  };
  const take = (data) => {
    const heard = JSON.parse(data);
    if (heard.matter !== matter()) return;
    last = heard;
    draw();
  };
  const tell = (again) => {
    if (!open) return;
    const about = document.hidden ? "" : matter();
    const doing = Date.now() < writes ? "write" : "look";
    if (told && told.about !== about) say("gone", told.about);
    if (about && (again || told?.about !== about || told.doing !== doing)) say(doing, about);
    told = about ? { about, doing } : null;
  };
  const draw = () => {
    const head = document.querySelector("[data-watching]");
    if (!head) return;
    const who = last?.matter === head.dataset.watching ? last.who.filter((one) => one.id !== me) : [];
    head.replaceChildren(
      ...who.slice(0, 4).flatMap((one) => {
        const [mark, words] = [document.createElement("span"), document.createElement("span")];
        mark.className = "mark hand mark-m";
        mark.setAttribute("aria-hidden", "true");
        mark.textContent = one.name.slice(0, 1);
        words.textContent = (one.doing === "write" ? head.dataset.write : head.dataset.look).replace("{name}", one.name);
        return [mark, words];
      }),
    );
  };

  document.addEventListener("input", (event) => {
    if (!event.target.closest("#case")) return;
    writes = Date.now() + TYPING;
    tell(false);
  });
  for (const moved of ["htmx:afterSwap", "live:swapped"]) {
    document.addEventListener(moved, () => { tell(false); draw(); });
  }
  document.addEventListener("visibilitychange", () => tell(false));
  addEventListener("pagehide", () => { if (told) say("gone", told.about); told = null; });
  addEventListener("pageshow", (event) => event.persisted && tell(true));
  setInterval(() => tell(true), AGAIN);
  setInterval(() => told?.doing === "write" && tell(false), 5000);
  return { begin: () => { open = true; tell(true); }, take };
}
