// A select of many gets a box above it: what is typed (words, pinyin, initials) leaves only what matches.
function narrow(select, all, typed) {
  const wanted = typed.trim().toLowerCase().replace(/\s+/g, "");
  const fits = (option) => {
    const [pinyin, initials] = (option.dataset.say || " ").split(" ");
    return !wanted || option.text.toLowerCase().includes(wanted) || pinyin.startsWith(wanted) || initials.includes(wanted);
  };
  const chosen = select.value;
  const kept = [];
  let count = 0;
  for (const { node, options } of all) {
    const found = options.filter((option) => !option.value || fits(option));
    count += found.filter((option) => option.value).length;
    if (node.matches("optgroup")) node.replaceChildren(...found);
    if (found.length) kept.push(node);
  }
  select.replaceChildren(...kept);
  // What no longer matches is not chosen; a single match is. Nothing is chosen by chance.
  const found = [...select.options];
  const still = found.some((option) => option.value === chosen);
  select.value = still && chosen ? chosen : count === 1 ? found.find((option) => option.value).value : "";
  if (select.value !== chosen) select.dispatchEvent(new Event("change", { bubbles: true }));
}

function grow(select) {
  if (select.dataset.finds) return;
  select.dataset.finds = "yes";
  const all = [...select.children].map((node) => ({ node, options: node.matches("optgroup") ? [...node.children] : [node] }));
  const box = Object.assign(document.createElement("input"), { type: "search", autocomplete: "off", className: "find" });
  box.placeholder = select.dataset.find;
  const name = select.labels[0]?.firstChild?.textContent.trim();
  box.setAttribute("aria-label", name ? `${name}: ${select.dataset.find}` : select.dataset.find);
  if (select.id) box.setAttribute("aria-controls", select.id);
  box.addEventListener("input", (event) => event.isComposing || narrow(select, all, box.value));
  box.addEventListener("compositionend", () => narrow(select, all, box.value));
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || !["Enter", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    select.focus();
  });
  select.before(box);
}

export function find() {
  const begin = (root) => root.querySelectorAll?.("select[data-find]").forEach(grow);
  begin(document);
  document.addEventListener("htmx:load", (event) => begin(event.target));
}
