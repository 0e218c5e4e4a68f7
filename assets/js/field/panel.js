// The list of what waits: what, when, why not; both versions where the house refused. Nothing leaves it unasked.
import { picture } from "./card.js";
import { open } from "./sheets.js";
import { change, drop, items } from "./store.js";
import { moment, say } from "./words.js";

const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");
export { fresh as key };

function line(item, behind) {
  const node = document.getElementById("pocket-item").content.firstElementChild.cloneNode(true);
  const part = (name) => node.querySelector(`[data-${name}]`);
  node.dataset.id = String(item.id);
  part("what").textContent = `${item.place} ${item.words}`;
  part("at").textContent = moment(item.made);
  part("title").textContent = item.title;
  part("fields").textContent = item.answer?.versions?.length ? "" : words(item);
  part("pictures").replaceChildren(...item.files.map(([, blob]) => picture(blob, item.words)));
  part("state").textContent = state(item, behind);
  if (item.answer) refused(node, part, item);
  return node;
}

const words = (item) => item.fields.filter(([name, value]) => value && name !== "stage").map(([, value]) => value).join(" · ");

function state(item, behind) {
  const { answer } = item;
  if (!answer) return say(behind ? "behind" : "waits");
  const why = answer.sentence || say("noAnswer", { n: answer.status || answer.code });
  return answer.state ? `${why} ${say("stateNow", { state: answer.state, who: answer.technician })}` : why;
}

function refused(node, part, item) {
  node.classList.add("refused");
  part("buttons").hidden = false;
  const table = part("versions");
  const rows = item.answer.versions || [];
  table.hidden = !rows.length;
  table.tBodies[0].replaceChildren(...rows.map(([label, mine, theirs, differs]) => {
    const row = document.createElement("tr");
    row.classList.toggle("differs", differs);
    const head = Object.assign(document.createElement("th"), { scope: "row", textContent: label });
    row.append(head, ...[mine, theirs].map((text) => Object.assign(document.createElement("td"), { textContent: text })));
    return row;
  }));
  if (item.answer.code === "stale") node.querySelector("[data-do=again]").textContent = say("mine");
  node.querySelector("[data-do=edit]").hidden = item.name === "photo" || !item.fields.length;
}

/** Draw the list, if it is open. @param {import("./store.js").Item[]} mine @param {Map<string, number>} others */
export function list(mine, others) {
  const dialog = document.getElementById("pocket");
  if (!dialog?.open) return;
  const stuck = new Set();
  const lines = mine.map((item) => {
    const behind = stuck.has(item.order);
    if (item.answer) stuck.add(item.order);
    return line(item, behind);
  });
  dialog.querySelector("[data-items]").replaceChildren(...lines);
  dialog.querySelector("[data-none]").hidden = mine.length > 0;
  const note = dialog.querySelector("[data-others]");
  note.hidden = !others.size;
  note.textContent = [...others].map(([who, n]) => say("other", { who, n })).join(" ");
}

/** What a person does about one that was refused. */
async function act(button, account, again) {
  const id = Number(button.closest("[data-id]").dataset.id);
  const item = (await items()).find((one) => one.id === id);
  if (!item) return again();
  if (button.dataset.do === "again") {
    // A refused action was never done: it goes again as a new one, on the order as it stands now.
    await change(id, { answer: null, once: fresh(), version: item.answer?.version || item.version });
  } else if (button.dataset.do === "drop") {
    if (!button.dataset.sure) {
      button.dataset.sure = "yes";
      button.textContent = say("sure");
      return;
    }
    await drop(id);
  } else {
    return edit(item, account);
  }
  again();
}

/** Open the form again with what was typed, on the page of its order; pressing it takes the place of the refused one. */
export async function edit(item, account) {
  const box = document.querySelector(`#job[data-order="${CSS.escape(item.order)}"]`);
  if (!box) return location.assign(`${item.page}#again-${item.id}`);
  document.getElementById("pocket").close();
  const form = await open(box, item.name, account, item.fields);
  if (form) form.dataset.replaces = String(item.id);
}

export function panel(account, again) {
  const dialog = document.getElementById("pocket");
  if (!dialog) return;
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-pocket-open]")) {
      dialog.showModal();
      again();
    } else if (event.target.closest("[data-pocket-close]")) {
      dialog.close();
    }
    const button = event.target.closest("#pocket [data-do]");
    if (button) act(button, account, again);
  });
  const wanted = /^#again-(\d+)$/.exec(location.hash);
  if (!wanted) return;
  history.replaceState(null, "", location.pathname);
  items().then((all) => all.find((one) => one.id === Number(wanted[1]))).then((item) => item && edit(item, account));
}
