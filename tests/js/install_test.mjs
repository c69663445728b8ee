// SPDX-License-Identifier: Apache-2.0
// The lines of js/README.md and docs/library.md that install the package, as they stand, without a network: what it needs
// is there already, packed from where the viewer has it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const { DEPTHCLOUD_JS, DEPTHCLOUD_VERSION } = process.env;
const packages = join(process.argv[1], "../../node_modules");
const checkout = join(DEPTHCLOUD_JS, "..");
const { dependencies } = JSON.parse(readFileSync(join(DEPTHCLOUD_JS, "package.json"), "utf8"));

const top = mkdtempSync(join(tmpdir(), "depthcloud-install-"));

after(() => rmSync(top, { recursive: true, force: true }));

const environment = { ...process.env, npm_config_offline: "true", npm_config_audit: "false", npm_config_fund: "false" };
const run = (folder, program, ...words) => {
  return execFileSync(program, words, { cwd: folder, env: environment, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
};

function documentedLines(page) {
  const blocks = readFileSync(page, "utf8").matchAll(/```sh\n([^]*?)```/g);
  return [...blocks].map(([, lines]) => lines).find((lines) => lines.includes("npm pack"));
}

let needed; // by the package, as files

before(() => {
  const pack = (name) => run(top, "npm", "pack", "--silent", "--ignore-scripts", join(packages, name)).trim();
  needed = Object.keys(dependencies).map((name) => join(top, pack(name)));
});

for (const page of ["js/README.md", "docs/library.md"]) {
  test(`${page} installs a package that runs`, () => {
    const folder = mkdtempSync(join(top, "program-"));
    run(folder, "npm", "install", ...needed);
    const lines = documentedLines(join(checkout, page)).replaceAll("PATH/TO/depthcloud", checkout);
    run(folder, "bash", "-ec", lines.replace(/^node .*$/m, "")); // the example needs a server: client_test.mjs runs it
    const program = "import('depthcloud').then(async (d) => { await d.decoderReady(); console.log(d.AXES.length); })";
    assert.equal(run(folder, process.execPath, "-e", program).trim(), "4");
    const installed = JSON.parse(readFileSync(join(folder, "node_modules/depthcloud/package.json"), "utf8"));
    assert.equal(installed.version, DEPTHCLOUD_VERSION);
  });
}
