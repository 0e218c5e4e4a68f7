// Orders dragged onto a person press that cell's own button: one post, whichever way it was given.
export function board() {
  let dragged = null;
  let seen = "";
  document.addEventListener("dragstart", (event) => {
    const card = event.target.closest?.("[data-order]");
    dragged = card?.dataset.order || null;
    seen = card?.dataset.seen || "";
    if (dragged) event.dataTransfer.setData("text/plain", dragged);
  });
  document.addEventListener("dragover", (event) => {
    const drop = dragged && event.target.closest?.("[data-drop]");
    if (!drop) return;
    event.preventDefault();
    for (const old of document.querySelectorAll(".dropping")) old.classList.remove("dropping");
    drop.classList.add("dropping");
  });
  document.addEventListener("drop", (event) => {
    const drop = dragged && event.target.closest?.("[data-drop]");
    if (!drop) return;
    event.preventDefault();
    const form = document.getElementById("assign");
    form.elements.order.value = dragged;
    form.elements.person.value = drop.dataset.drop;
    form.elements.version.value = seen;
    form.requestSubmit();
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    for (const old of document.querySelectorAll(".dropping")) old.classList.remove("dropping");
  });
}
