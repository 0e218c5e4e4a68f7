// Pop-overs stand beside their button; those of clocks open on hover and focus too. Menus close on a click outside.
const GAP = 8;

function place(pop) {
  const button = document.querySelector(`[popovertarget="${pop.id}"]`);
  if (!button) return;
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = pop;
  const left = Math.max(GAP, Math.min(at.left - 12, innerWidth - width - GAP));
  const below = at.bottom + GAP + height < innerHeight;
  pop.style.left = `${left}px`;
  pop.style.top = `${below ? at.bottom + GAP : Math.max(GAP, at.top - GAP - height)}px`;
}

function target(event) {
  const button = event.target.closest?.("[data-hover][popovertarget]");
  return button && document.getElementById(button.getAttribute("popovertarget"));
}

export function pops() {
  let timer = 0;
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.(".pop:not(.keys)") && event.newState === "open") place(event.target);
  }, true);
  document.addEventListener("pointerover", (event) => {
    const pop = event.pointerType === "mouse" && target(event);
    if (!pop?.showPopover) return;
    clearTimeout(timer);
    timer = setTimeout(() => pop.isConnected && !pop.matches(":popover-open") && pop.showPopover(), 250);
  });
  document.addEventListener("pointerout", (event) => {
    const pop = event.pointerType === "mouse" && target(event);
    if (!pop?.hidePopover) return;
    clearTimeout(timer);
    timer = setTimeout(() => !pop.matches(":hover") && pop.hidePopover(), 250);
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      // Outside, or on a line of it: what that opens is not to lie below the menu.
      if (!menu.contains(event.target) || event.target.closest(".sheet > a, .sheet button.item")) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopImmediatePropagation(); // this Escape is spent: it does not leave the page as well
    }
  });
}
