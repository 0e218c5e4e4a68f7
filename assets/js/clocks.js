// Chips that tick: words and tone from the seconds left, by the minute, by the second under five minutes. While closed
// hours lie before the due moment a chip says the moment (data-until: [more seconds left than, words]).
// Counted from when the chip arrived, so a wrong clock on the desk does no harm.
const HOUR = 3600;
const DAY = 24 * HOUR;
const ICONS = { over: "alert-octagon", soon: "hourglass", running: "clock" };
const arrived = new WeakMap();

function fill(pattern, values) {
  return pattern.replace(/\{(\w)\}/g, (_, name) => values[name]);
}

const two = (n) => String(n).padStart(2, "0");

export function duration(words, seconds) {
  const t = Math.abs(Math.trunc(seconds));
  if (t < 60) return fill(words.s, { s: t });
  if (t < 300 && t % 60) return fill(words.ms, { m: Math.trunc(t / 60), s: two(t % 60) });
  if (t < HOUR) return fill(words.m, { m: Math.trunc(t / 60) });
  if (t < DAY) {
    const minutes = Math.trunc((t % HOUR) / 60);
    return fill(minutes ? words.hm : words.h, { h: Math.trunc(t / HOUR), m: two(minutes) });
  }
  const days = Math.trunc(t / DAY);
  const hours = Math.trunc((t % DAY) / HOUR);
  return fill(hours && days < 3 ? words.dh : words.d, { d: days, h: hours });
}

export function tone(left, total) {
  if (left < 0) return "over";
  return left < (total > 2 * HOUR ? 2 * HOUR : Math.trunc(total / 5)) ? "soon" : "running";
}

function draw(chip, words) {
  if (!arrived.has(chip)) arrived.set(chip, performance.now());
  const passed = Math.trunc((performance.now() - arrived.get(chip)) / 1000);
  const total = Number(chip.dataset.total);
  const left = Number(chip.dataset.left) - passed;
  const text = chip.querySelector(".words");
  const until = JSON.parse(chip.dataset.until || "[]").find(([edge]) => left > edge);
  const span = fill(left < 0 ? words.over : words.left, { t: duration(words, left) });
  const said = (until ? until[1] : span) + (chip.dataset.suffix || "");
  if (text.textContent !== said) text.textContent = said;
  const now = tone(left, total);
  if (!chip.classList.contains(now)) {
    chip.classList.remove("over", "soon", "running");
    chip.classList.add(now);
    const use = chip.querySelector(".icon use");
    use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${ICONS[now]}`));
  }
  const bar = chip.querySelector(".bar rect");
  if (bar && !until) bar.setAttribute("width", left <= 0 ? 100 : Math.round((100 * (total - left)) / total));
  return Math.abs(left) < 300;
}

export function clocks() {
  const words = document.getElementById("words")?.dataset;
  if (!words) return;
  let last = 0;
  const all = () => {
    const now = performance.now();
    const minute = now - last >= 15000;
    if (minute) last = now;
    for (const chip of document.querySelectorAll(".clock[data-left]")) {
      const left = Number(chip.dataset.left);
      const near = arrived.has(chip) && Math.abs(left - (now - arrived.get(chip)) / 1000) < 301;
      if (minute || near || !arrived.has(chip)) draw(chip, words);
    }
  };
  all();
  setInterval(() => document.hidden || all(), 1000);
  document.addEventListener("visibilitychange", () => { last = 0; });
}
