// Builds the front end into static/dist: app.css, app.js and one sprite of the icons named in assets/icons.txt.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const out = join(root, "static", "dist");
const watch = process.argv.includes("--watch");

/** One <symbol> of an icon: the drawing without its frame, so that CSS gives colour and line. */
async function symbol(name) {
  const file = join(root, "node_modules/@tabler/icons/icons/outline", `${name}.svg`);
  const text = await readFile(file, "utf8").catch(() => {
    throw new Error(`assets/icons.txt names "${name}", which is no outline icon`);
  });
  const inner = text
    .slice(text.indexOf(">", text.indexOf("<svg")) + 1, text.lastIndexOf("</svg>"))
    .replace(/<path stroke="none"[^>]*\/>/g, "")
    .replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner}</symbol>`;
}

async function sprite() {
  const list = await readFile(join(root, "assets/icons.txt"), "utf8");
  const names = list.split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
  const symbols = await Promise.all(names.map(symbol));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
  await writeFile(join(out, "icons.svg"), svg);
}

const options = {
  entryPoints: [
    { in: join(root, "assets/js/app.js"), out: "app" },
    { in: join(root, "assets/css/app.css"), out: "app" },
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
if (watch) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  await esbuild.build(options);
}
