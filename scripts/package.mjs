// Makes the release: `npm run package`, or with the names of targets (linux-x64 ...) those alone. Into release/: an executable
// a target, the npm package, its release notes, licences, what all of it was made of, SHA256SUMS. Needs npm, and tar; fetches
// pinned packages of npm's, nothing else.
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compare } from "./bench/measure.mjs";
import { bundleScript, writeExecutable } from "./package/executable.mjs";
import { fetched } from "./package/fetch.mjs";
import { provenanceOf, sha256 } from "./package/provenance.mjs";
import { TARGETS } from "./package/targets.mjs";
import { runnerOf, tryExecutable } from "./package/try.mjs";
import { commandLine, misused } from "./usage.mjs";

const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const { positionals: names } = commandLine();
for (const name of names) if (!(name in TARGETS)) misused(`no target ${name}: ${Object.keys(TARGETS).join(", ")}`);
const wanted = names.length > 0 ? names : Object.keys(TARGETS);

rmSync("release", { recursive: true, force: true });
mkdirSync("release");
const folder = mkdtempSync(join(tmpdir(), "rbtool-package-"));
try {
  execFileSync("npm", ["pack", "--silent", "--pack-destination", "release"], { stdio: "inherit" });
  await bundleScript(folder);
  for (const name of wanted) {
    const target = TARGETS[name];
    const file = `release/rbtool-${version}-${name}${target.suffix ?? ""}`;
    await writeExecutable(target, folder, file);
    const runner = runnerOf(name);
    if (runner !== undefined) tryExecutable(file, runner);
    const tried = runner === undefined ? "not run: this machine cannot" : "reads an image, without Node";
    console.log(`${file}: ${(statSync(file).size / 1e6).toFixed(0)} MB; ${tried}`);
    if (runner?.length === 0)
      compare(
        "  start-up / node -e 0",
        [file, "--version"],
        [join(fetched(target.node), target.binary), "-e", "0"],
        1.4,
        15,
      );
  }
  for (const file of ["THIRD-PARTY.txt", "sbom.cdx.json"]) copyFileSync(`dist/${file}`, `release/${file}`);
  copyFileSync(join(fetched(TARGETS[wanted[0]].node), "LICENSE"), "release/LICENSE-node.txt");
  const [notes] = new RegExp(`^## ${version.replaceAll(".", "\\.")}[^]*?(?=^## |(?![^]))`, "m").exec(
    readFileSync("CHANGELOG.md", "utf8"),
  );
  writeFileSync("release/RELEASE-NOTES.md", notes);
  const made = Object.fromEntries(
    readdirSync("release")
      .sort()
      .map((file) => [file, readFileSync(join("release", file))]),
  );
  writeFileSync("release/provenance.json", provenanceOf(made));
  writeFileSync("release/SHA256SUMS", readdirSync("release").sort().map(sumLine).join(""));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function sumLine(name) {
  return `${sha256(readFileSync(join("release", name)))}  ${name}\n`;
}
