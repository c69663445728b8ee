// SPDX-License-Identifier: Apache-2.0
// Bundles the pages: node build.mjs OUT; OUT.inputs.json names the files that went into them. Packages
// come from the folder node_modules beside this file's path as it was given, which may be a link (node
// --preserve-symlinks-main).

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const out = process.argv[2];
const source = join(dirname(fileURLToPath(import.meta.url)), "src");

await rm(out, { recursive: true, force: true });
await mkdir(join(out, "assets"), { recursive: true });
const options = {
  outdir: join(out, "assets"),
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "linked",
  preserveSymlinks: true,
  metafile: true,
  logLevel: "warning",
};
const scripts = (...names) => names.map((name) => join(source, `${name}.js`));
const pages = await build({ ...options, entryPoints: scripts("live", "rig") });
// zstddec fetches its WebAssembly from a data URL; without a fetch the policy need not allow that.
const workers = { entryPoints: scripts("decoder-worker", "file-worker"), inject: scripts("data-url-fetch") };
const decoders = await build({ ...options, ...workers });
const inputs = new Set([pages, decoders].flatMap(({ metafile }) => Object.keys(metafile.inputs)));
await writeFile(`${out}.inputs.json`, JSON.stringify([...inputs].sort(), null, 1));
const text = (name) => readFile(join(source, name), "utf8");
for (const page of ["index.html", "rig.html"]) {
  const html = (await text(page)).split(/^ *<!-- (\S+\.html) -->\n/m); // every second part names a file
  const parts = await Promise.all(html.map((part, i) => (i % 2 ? text(part) : part)));
  await writeFile(join(out, page), parts.join(""));
}
for (const asset of ["style.css", "icon.svg"]) await cp(join(source, asset), join(out, "assets", asset));
