// The page as it stands with what is in the pocket: the next press, the photos, the cloud. It knows no rule: every
// state that an order may reach came with the page, drawn by the table of moves.
import { waits } from "./store.js";
import { moment, say } from "./words.js";

let shown = [];

/** Whether the page was drawn after the house took this. */
export function seen(box, item) {
  if (!item.taken) return false;
  if (item.name === "photo") return Number(box.dataset[stage(item)]) >= item.taken.count;
  return Number(box.dataset.version) >= item.taken.version;
}

/** What of an order's actions counts over the page: not what it shows already, nothing behind one that was refused. */
function going(box, own) {
  const stuck = own.findIndex((item) => item.answer);
  return (stuck < 0 ? own : own.slice(0, stuck)).filter((item) => !seen(box, item));
}

/** The key of the part that fits: the state after all that counts, with the photos where it matters. */
function standing(box, own) {
  let { state } = box.dataset;
  const taken = { before: Number(box.dataset.before), after: Number(box.dataset.after) };
  for (const item of going(box, own)) {
    if (item.name !== "photo") state = item.to || state;
    else taken[stage(item)] = Math.max(taken[stage(item)] + 1, item.taken?.count || 0);
  }
  const known = [...box.querySelectorAll(".stand[data-when]")].some((part) => part.dataset.when === state);
  if (!known) return { when: "over", ...taken };
  if (state !== "on_site") return { when: state, ...taken };
  return { when: state + (taken.after ? ".after" : taken.before ? ".before" : ""), ...taken };
}

const stage = (item) => item.fields.find(([name]) => name === "stage")?.[1] || "after";

/** Photos that wait stand among the others, with a cloud. */
function photos(box, own) {
  for (const old of box.querySelectorAll(".waits")) old.remove();
  const first = box.querySelector(".tiles-photo .shot");
  if (!first) return;
  for (const item of own.filter((one) => one.name === "photo" && !seen(box, one))) {
    const label = box.querySelector(`.shot[data-stage="${stage(item)}"]`)?.dataset.words || "";
    const tile = document.createElement("div");
    tile.className = "waits";
    tile.append(picture(item.files[0][1], `${label} ${moment(item.made)}`));
    const caption = document.createElement("span");
    const cloud = item.taken ? null : box.querySelector("[data-waiting] svg");
    caption.append(cloud?.cloneNode(true) || "", `${label} ${moment(item.made)}`);
    tile.append(caption);
    first.before(tile);
  }
}

export function picture(blob, alt) {
  const image = document.createElement("img");
  image.alt = alt;
  image.src = URL.createObjectURL(blob);
  shown.push(image.src);
  return image;
}

function job(box, own) {
  const now = standing(box, own);
  box.dataset.now = now.when;
  const came = own.find((item) => item.name === "arrive");
  if (came) box.dataset.since = String(came.made);
  for (const part of box.querySelectorAll(".stand[data-when]")) part.hidden = part.dataset.when !== now.when;
  photos(box, own);
  const words = box.querySelector("[data-shots]");
  if (!words || !own.some((item) => item.name === "photo")) return;
  const lacking = now.when === "on_site.before";
  const pattern = lacking ? words.dataset.lacking : words.dataset.all;
  words.textContent = pattern.replace("{before}", now.before).replace("{after}", now.after);
  box.querySelector("[data-missing]").hidden = !lacking;
}

function row(box, own) {
  const moved = going(box, own).some((item) => item.name !== "photo");
  const press = box.querySelector(".stand");
  const open = box.querySelector("[data-open]");
  if (press && open) [press.hidden, open.hidden] = [moved, !moved];
}

/** Draw what waits over the page that the house drew. @param {import("./store.js").Item[]} items */
export function draw(items) {
  for (const url of shown) URL.revokeObjectURL(url);
  shown = [];
  for (const box of document.querySelectorAll("[data-order]")) {
    const own = items.filter((item) => item.order === box.dataset.order);
    for (const mark of box.querySelectorAll("[data-waiting]")) mark.hidden = !own.some(waits);
    if (box.id === "job") job(box, own);
    else row(box, own);
  }
}

/** The strip below the status bar. @param {{status: string, waiting: number, refused: number}} now */
export function strip(now) {
  const bar = document.getElementById("pocket-bar");
  if (!bar) return;
  const [lead, strong] = told(now);
  bar.hidden = !lead;
  bar.dataset.status = now.status;
  bar.querySelector("[data-lead]").textContent = lead;
  bar.querySelector("[data-strong]").textContent = strong;
  bar.querySelector("[data-pocket-open]").hidden = !(now.waiting + now.refused + now.others);
  bar.querySelector("[data-sign-in]").hidden = now.status !== "expired";
}

function told({ status, waiting, refused, others }) {
  const n = waiting;
  if (status === "full") return [say("full"), say("notKept")];
  if (status === "line") return [say("offline"), say("needsLine")];
  if (status === "expired" && n) return [say("expired"), say("kept", { n })];
  if (status === "offline") return [say("offline"), n ? say("kept", { n }) : say("ready")];
  if (refused) return [say("refused"), say("look", { n: refused })];
  if (status === "sending" && n) return [say("sending"), say("left", { n })];
  if (n) return [say("waits"), say("kept", { n })];
  if (status === "done") return [say("done"), ""];
  return others ? [say("waits"), say("kept", { n: others })] : ["", ""];
}
