// One stream for all tabs of a browser: a shared worker holds it and tells every tab what it hears.
const REST = 60000;
// From one page to the next nobody is there for a moment.
const BRIEFLY = 2000;
// What a page may have missed between its own drawing and its hello.
const RECENT = 15000;
let heard = [];
const tabs = new Map();
let source = null;
let url = "";
let open = false;
let idle = 0;

function tell(message) {
  for (const port of tabs.keys()) port.postMessage(message);
}

function hear(type, data) {
  const now = Date.now();
  heard = [...heard.filter(([at]) => now - at < RECENT), [now, { type, data }]];
  tell({ type, data });
}

function close() {
  source?.close();
  source = null;
  open = false;
}

/** Tabs that nobody looks at give the connection back after a while; what they missed they fetch when looked at again. */
function settle() {
  clearTimeout(idle);
  const looked = [...tabs.values()].some((seen) => seen);
  if (!looked) idle = setTimeout(close, tabs.size ? REST : BRIEFLY);
  else if (!source) start();
}

function start() {
  source = new EventSource(url);
  source.onopen = () => { open = true; tell({ type: "open" }); };
  source.onerror = () => {
    open = false;
    tell({ type: "cut" });
    if (source?.readyState !== EventSource.CLOSED) return;
    // Refused for now (a restart, a session that ended): the browser would not try again by itself.
    close();
    setTimeout(settle, 15000);
  };
  for (const type of ["change", "refetch"]) source.addEventListener(type, (event) => hear(type, event.data));
  source.addEventListener("here", (event) => tell({ type: "here", data: event.data }));
}

self.onconnect = ({ ports: [port] }) => {
  tabs.set(port, true);
  port.onmessage = ({ data }) => {
    if (data.type === "bye") tabs.delete(port);
    else tabs.set(port, data.seen);
    url ||= data.url || "";
    if (data.type === "hello" && open) {
      port.postMessage({ type: "open" });
      for (const [at, told] of heard) if (at > data.since) port.postMessage(told);
    }
    settle();
  };
};
