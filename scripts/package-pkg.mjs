// The other way to an executable: @yao-pkg/pkg --sea, for this machine's kind of Linux. `npm run package` makes the one that is
// released: pkg's blob has no code cache, so it starts more slowly (docs/install.md has the figures), and with settings of its
// own (which could ask for the cache) pkg puts a file system of its own before the program: 2.1 times an empty program's time.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { compare } from "./bench/measure.mjs";
import { bundleScript } from "./package/executable.mjs";
import { fetched } from "./package/fetch.mjs";
import { TARGETS } from "./package/targets.mjs";
import { tryExecutable } from "./package/try.mjs";
import { commandLine } from "./usage.mjs";

commandLine({ allowPositionals: false });

const PKG = "@yao-pkg/pkg@6.23.0";
const tools = resolve("node_modules/.cache/rbtool/pkg");
if (!existsSync(tools)) {
  mkdirSync(tools, { recursive: true });
  writeFileSync(join(tools, "package.json"), "{}");
  execFileSync("npm", ["install", "--silent", "--ignore-scripts", "--prefix", tools, PKG], { stdio: "inherit" });
}

const { node } = TARGETS["linux-x64"];
const version = node.split("@")[1];
const name = `node-v${version}-linux-x64`;
const binary = join(fetched(node), "bin/node");
const home = mkdtempSync(join(tmpdir(), "rbtool-pkg-"));
try {
  // Where pkg looks before it downloads: an archive as Node's own site has it, and a file that says it is whole.
  const cache = join(home, ".pkg-cache/sea");
  mkdirSync(join(home, name, "bin"), { recursive: true });
  mkdirSync(cache, { recursive: true });
  cpSync(binary, join(home, name, "bin/node"));
  execFileSync("tar", ["-czf", join(cache, `${name}.tar.gz`), "-C", home, name]);
  writeFileSync(join(cache, `${name}.tar.gz.ok`), "");
  const script = await bundleScript(home);
  const file = resolve("release/rbtool-pkg-linux-x64");
  mkdirSync("release", { recursive: true });
  const program = join(tools, "node_modules/@yao-pkg/pkg/lib-es5/bin.js");
  execFileSync(binary, [program, "--sea", "-t", `node${version}-linux-x64`, "-o", file, script], {
    cwd: home,
    env: { ...process.env, HOME: home },
    stdio: "inherit",
  });
  tryExecutable(file, []);
  console.log(`${file}: ${(statSync(file).size / 1e6).toFixed(0)} MB; reads an image, without Node`);
  compare("  start-up / node -e 0", [file, "--version"], [binary, "-e", "0"], 2, 15);
} finally {
  rmSync(home, { recursive: true, force: true });
}
