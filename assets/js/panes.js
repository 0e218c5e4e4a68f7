// Panes keep their place: the list its position from case to case, the timeline opens at its newest end.
const KEY = "list-at:";

function remember() {
  const list = document.querySelector("#list > .scroll");
  if (list) sessionStorage.setItem(KEY + document.getElementById("list").dataset.list, String(list.scrollTop));
}

export function panes() {
  const list = document.querySelector("#list > .scroll");
  if (list) {
    const at = sessionStorage.getItem(KEY + document.getElementById("list").dataset.list);
    if (at) list.scrollTop = Number(at);
    list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }
  const story = document.querySelector("#case > .scroll");
  if (story) story.scrollTop = story.scrollHeight;
  addEventListener("pagehide", remember);
}
