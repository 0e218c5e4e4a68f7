/** The browser's one stream, held by a shared worker; where there is none, a stream of this tab's own. */
export function listen(url, take) {
  const body = document.body.dataset;
  if ("SharedWorker" in window && body.stream) {
    const { port } = new SharedWorker(body.stream, { name: `shouwen-${body.viewer}` });
    const since = performance.timeOrigin;
    const say = (type) => port.postMessage({ type, since, seen: !document.hidden, url: new URL(url, location.href).href });
    port.onmessage = ({ data }) => take(data.type, data.data);
    say("hello");
    document.addEventListener("visibilitychange", () => say("seen"));
    addEventListener("pagehide", () => say("bye"));
    addEventListener("pageshow", (event) => event.persisted && say("hello"));
    return;
  }
  if (!("EventSource" in window)) return;
  let source = null;
  const open = () => {
    if (document.hidden || source) return;
    source = new EventSource(url);
    source.onopen = () => take("open");
    source.onerror = () => {
      take("cut");
      if (source?.readyState === EventSource.CLOSED) close();
    };
    for (const type of ["change", "refetch", "here"]) source.addEventListener(type, (event) => take(type, event.data));
  };
  const close = () => { source?.close(); source = null; };
  let idle = 0;
  open();
  document.addEventListener("visibilitychange", () => {
    clearTimeout(idle);
    if (document.hidden) idle = setTimeout(close, 60000);
    else open();
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
}
