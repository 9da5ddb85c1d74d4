// Builds what pages load into static/built/: one stylesheet, one script, the typeface, the icons.
// Run by `make assets`. Nothing here is committed and nothing is fetched when a page is opened.
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "../../../node_modules");
const built = join(here, "static/built");

// The colours: tokens.json is the one source (charts and documents read it too).
function tokens() {
  const pairs = Object.entries(JSON.parse(readFileSync(join(here, "tokens.json"), "utf8")));
  const set = (mode) => pairs.map(([name, hex]) => `--sh-${name}:${hex[mode]};`).join("");
  const light = `color-scheme:light;${set(0)}`;
  const dark = `color-scheme:dark;${set(1)}`;
  return [
    `:root{${light}}`,
    `@media (prefers-color-scheme:dark){:root{${dark}}}`,
    `[data-theme=light]{${light}}`,
    `[data-theme=dark]{${dark}}`,
    `@media print{:root{${light}}}`,
  ].join("\n");
}

// Places along a bar or a strip. The content policy forbids style attributes, so a place is one of
// 201 classes, half a per cent apart: x-N is the left edge, w-N the width.
function places() {
  const steps = Array.from({ length: 201 }, (_, n) => n);
  return steps.map((n) => `.x-${n}{left:${n / 2}%}.w-${n}{width:${n / 2}%}`).join("");
}

// The icons named in icons.txt, without lucide's own attributes; ui/jinja.py wraps and inlines them.
function icons() {
  const names = readFileSync(join(here, "icons.txt"), "utf8").split(/\s+/).filter(Boolean);
  const inside = (name) =>
    readFileSync(join(modules, "lucide-static/icons", `${name}.svg`), "utf8")
      .replace(/^[\s\S]*?<svg[^>]*>/, "")
      .replace("</svg>", "")
      .replace(/\s+/g, " ")
      .trim();
  return Object.fromEntries(names.sort().map((name) => [name, inside(name)]));
}

const font = "atkinson-hyperlegible-next";
rmSync(built, { recursive: true, force: true });
mkdirSync(join(built, "fonts"), { recursive: true });
for (const part of ["latin", "latin-ext"]) {
  const file = `${font}-${part}-wght-normal.woff2`;
  cpSync(join(modules, "@fontsource-variable", font, "files", file), join(built, "fonts", file));
}
writeFileSync(join(built, "icons.json"), JSON.stringify(icons()));

const common = { bundle: true, minify: true, target: ["es2021"], logLevel: "warning" };
await esbuild.build({
  ...common,
  stdin: {
    contents: `@import "./surehand.css";\n${tokens()}`,
    resolveDir: join(here, "assets"),
    loader: "css",
  },
  external: ["*.woff2"],
  outfile: join(built, "surehand.css"),
});
writeFileSync(join(built, "surehand.css"), places(), { flag: "a" });
await esbuild.build({
  ...common,
  entryPoints: [join(here, "assets/surehand.js")],
  legalComments: "eof",
  format: "iife",
  outfile: join(built, "surehand.js"),
});

// The service worker keeps what was built now; another build is another worker.
const files = ["surehand.css", "surehand.js"].map((name) => readFileSync(join(built, name)));
const BUILD = files.reduce((hash, file) => hash.update(file), createHash("sha256")).digest("hex").slice(0, 12);
await esbuild.build({
  ...common,
  entryPoints: [join(here, "assets/offline.js")],
  define: { BUILD: JSON.stringify(BUILD) },
  format: "iife",
  outfile: join(built, "offline.js"),
});
