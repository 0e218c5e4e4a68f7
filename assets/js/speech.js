// Reads one sentence aloud with the browser's own voice. Where there is none the button never appears.
export function speech() {
  if (!("speechSynthesis" in window) || typeof SpeechSynthesisUtterance === "undefined") return;
  const show = () => { for (const button of document.querySelectorAll("[data-say]")) button.hidden = false; };
  show();
  document.addEventListener("live:swapped", show);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-say]");
    if (!button) return;
    speechSynthesis.cancel();
    const said = new SpeechSynthesisUtterance(button.dataset.say);
    said.lang = document.documentElement.lang;
    said.rate = 0.85;
    speechSynthesis.speak(said);
  });
}
