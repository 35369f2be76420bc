// Fuzzes one part of rbtool, led by the code that is reached (jazzer.js, fetched by npm for this alone; its binary needs glibc
// 2.38, as of Debian 13). Inputs that reach something new are kept in the folder, and gone on with the next time:
//
//   node scripts/fuzz.mjs images --minutes 10 --folder /tmp/fuzz
//   node scripts/fuzz.mjs images --folder /tmp/fuzz --input FILE    one input that was found
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { commandLine, misused } from "./usage.mjs";

const JAZZER = "@jazzer.js/core@4.0.0";
const TARGETS = readdirSync("test/support/fuzz")
  .map((file) => file.replace(/\.ts$/, ""))
  .filter((name) => name !== "target");

const { values, positionals } = commandLine({
  options: {
    minutes: { type: "string", default: "1" },
    folder: { type: "string", default: "fuzz" },
    input: { type: "string" },
  },
});
const [target] = positionals;
if (!TARGETS.includes(target)) misused(`which of ${TARGETS.join(", ")}?`);
const folder = resolve(values.folder);
const bundle = join(folder, `${target}.cjs`);
const corpus = join(folder, target, "corpus");
const found = join(folder, target, "found-");
mkdirSync(corpus, { recursive: true });
const jazzer = join(folder, "node_modules/@jazzer.js/core/dist/cli.js");
if (!existsSync(jazzer)) {
  writeFileSync(join(folder, "package.json"), "{}");
  execFileSync("npm", ["install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, JAZZER], {
    stdio: "inherit",
  });
}
await build({
  stdin: {
    contents: `import { target } from "./test/support/fuzz/${target}.ts"; export const { corpus, fuzz } = target;`,
    resolveDir: process.cwd(),
  },
  outfile: bundle,
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20",
  logLevel: "error",
  define: {
    "import.meta.dirname": JSON.stringify(join(process.cwd(), "test/support")),
    "import.meta.url": JSON.stringify(`file://${process.cwd()}/test/support/fuzz/target.ts`),
  },
  external: ["@duckdb/node-api"],
});
const { corpus: begin } = createRequire(import.meta.url)(bundle);
if (readdirSync(corpus).length === 0)
  begin().forEach((bytes, i) => {
    writeFileSync(join(corpus, `begin-${i}`), bytes);
  });

const options = ["-i", bundle, "--timeout", "60000"];
// An event's printer is compiled from text, of which SECURITY.md says what enters it; the fuzzer takes any for an attack.
options.push("--disable_bug_detectors", "remote-code-execution");
const what = values.input === undefined ? [corpus] : [resolve(values.input)];
const limits = ["-rss_limit_mb=4096", "-max_len=262144", `-max_total_time=${values.minutes * 60}`];
const { status } = spawnSync(
  process.execPath,
  [jazzer, bundle, ...options, "--", ...what, ...limits, `-artifact_prefix=${found}`],
  { cwd: folder, stdio: "inherit" },
);
process.exitCode = status ?? 1;
