// Theme and density: kept in a cookie, so that the server draws the next page without a flash.
const YEAR = 31536000;

export function settings() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-set]");
    if (!button) return;
    const { set, value } = button.dataset;
    document.documentElement.dataset[set] = value;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${set}=${value}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
    for (const other of document.querySelectorAll(`[data-set="${set}"]`)) {
      other.setAttribute("aria-pressed", String(other.dataset.value === value));
    }
  });
}
