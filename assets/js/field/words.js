// The words of the script stand in the page, in the reader's language; {n} and {who} are filled in here.
export function say(name, values = {}) {
  const words = document.getElementById("pocket-words")?.dataset[name] || "";
  return words.replace(/\{(\w+)\}/g, (_, key) => String(values[key] ?? ""));
}

/** 10:42, or 07-21 10:42 on another day. */
export function moment(milliseconds) {
  const then = new Date(milliseconds);
  const two = (n) => String(n).padStart(2, "0");
  const time = `${two(then.getHours())}:${two(then.getMinutes())}`;
  const today = then.toDateString() === new Date().toDateString();
  return today ? time : `${two(then.getMonth() + 1)}-${two(then.getDate())} ${time}`;
}
