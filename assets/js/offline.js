// Says plainly that there is no network. Nothing is promised that is not kept.
export function offline() {
  const banner = document.getElementById("offline");
  if (!banner) return;
  const show = () => { banner.hidden = navigator.onLine; };
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}
