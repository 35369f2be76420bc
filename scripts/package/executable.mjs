// A single executable: Node's own binary with rbtool as a blob in it (Node's documentation: "Single executable applications").
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { builtins } from "../build/builtins.mjs";
import { without } from "../build/without.mjs";
import { fetched } from "./fetch.mjs";

const SCRIPT = "rbtool.cjs";
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";
/** Garbage is collected often, and so from memory that the cache holds: 13 % less CPU time for a large `events`. */
const FLAGS = ["--max-semi-space-size=1"];

/** All of rbtool in one script, which is what a blob takes, into a folder. */
export async function bundleScript(folder) {
  const outfile = join(folder, SCRIPT);
  await build({
    entryPoints: ["src/cli.ts"],
    outfile,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node24",
    minify: true,
    logLevel: "warning",
    preserveSymlinks: true,
    plugins: [without, builtins],
  });
  return outfile;
}

/** Writes the executable of a target; the script and what is needed on the way lie in a folder. */
export async function writeExecutable(target, folder, file) {
  const settings = {
    // The blob names its script: a path that is the same everywhere makes it the same everywhere.
    main: SCRIPT,
    output: "blob",
    disableExperimentalSEAWarning: true,
    // V8 takes back what it compiled on the same kind of machine alone.
    useCodeCache: target.node === target.host,
    execArgv: FLAGS,
    execArgvExtension: "none",
  };
  writeFileSync(join(folder, "sea.json"), JSON.stringify(settings));
  // Without a seed V8 hashes names otherwise each time, and its compiled code differs.
  const node = join(fetched(target.host), "bin/node");
  execFileSync(node, ["--random-seed=1", "--experimental-sea-config", "sea.json"], { cwd: folder, stdio: "ignore" });
  copyFileSync(join(fetched(target.node), target.binary), file);
  chmodSync(file, 0o755);
  const { inject } = createRequire(import.meta.url)(join(fetched("postject@1.0.0-alpha.6"), "dist/api.js"));
  await inject(file, "NODE_SEA_BLOB", readFileSync(join(folder, "blob")), {
    sentinelFuse: FUSE,
    ...(target.segment === undefined ? {} : { machoSegmentName: target.segment }),
  });
}
