// Builds the front end into static/dist: app.css, app.js, stream.js, the telephone's field.js and worker.js, one sprite of icons.
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const out = join(root, "static", "dist");
const icons = join(root, "node_modules/@tabler/icons/icons/outline");
const watch = process.argv.includes("--watch");

/** One <symbol> of an icon: the drawing without its frame, so that CSS gives colour and line. */
async function symbol(name) {
  const text = await readFile(join(icons, `${name}.svg`), "utf8");
  const inner = text
    .slice(text.indexOf(">", text.indexOf("<svg")) + 1, text.lastIndexOf("</svg>"))
    .replace(/<path stroke="none"[^>]*\/>/g, "")
    .replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner}</symbol>`;
}

/** Every icon that the house names in quotes, in templates and Python: no list to keep by hand. */
async function used() {
  const known = new Set((await readdir(icons)).map((file) => file.replace(/\.svg$/, "")));
  const files = await readdir(join(root, "shouwen"), { recursive: true });
  const names = new Set();
  for (const file of files.filter((name) => /\.(py|html)$/.test(name))) {
    const text = await readFile(join(root, "shouwen", file), "utf8");
    for (const [, name] of text.matchAll(/["']([a-z0-9]+(?:-[a-z0-9]+)*)["']/g)) if (known.has(name)) names.add(name);
  }
  return [...names].sort();
}

async function sprite() {
  const symbols = await Promise.all((await used()).map(symbol));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
  await writeFile(join(out, "icons.svg"), svg);
}

const options = {
  entryPoints: [
    { in: join(root, "assets/js/app.js"), out: "app" },
    { in: join(root, "assets/js/stream.js"), out: "stream" },
    { in: join(root, "assets/js/field.js"), out: "field" },
    { in: join(root, "assets/css/app.css"), out: "app" },
    { in: join(root, "assets/js/portal.js"), out: "portal" },
    { in: join(root, "assets/css/portal.css"), out: "portal" },
  ],
  outdir: out,
  bundle: true,
  minify: true,
  sourcemap: true,
  format: "esm",
  target: ["chrome100", "safari15.4", "firefox110"],
  legalComments: "linked",
  logLevel: "warning",
};
await mkdir(out, { recursive: true });
await sprite();
for (const picture of ["favicon.svg", "icon-192.png", "icon-512.png", "icon-maskable.png"]) {
  await copyFile(join(root, "assets", picture), join(out, picture));
}
// A service worker is no module in every browser that we stand on.
const worker = { ...options, entryPoints: [{ in: join(root, "assets/js/field/worker.js"), out: "worker" }], format: "iife" };
for (const one of [options, worker]) {
  if (watch) await (await esbuild.context(one)).watch();
  else await esbuild.build(one);
}
