// Bundles the command line and the library. Each command is a file of its own, loaded only when it is called: start-up is
// what a person waits for in a shell loop.
import { rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { builtins } from "./build/builtins.mjs";
import { writeMerged } from "./build/merge.mjs";
import { bundledPackages, noticesOf } from "./build/notices.mjs";
import { sbomOf } from "./build/sbom.mjs";
import { without } from "./build/without.mjs";

const options = {
  outdir: "dist",
  format: "esm",
  platform: "node",
  target: "node20",
  // zstddec fetches its own code from a data: address, for which Node loads a whole HTTP client: a tenth of a second.
  define: { fetch: "undefined" },
  minify: true,
  logLevel: "warning",
};
rmSync("dist", { recursive: true, force: true });
const split = await build({
  ...options,
  entryPoints: { cli: "src/cli.ts", helper: "src/helper.ts", index: "src/index.ts" },
  bundle: true,
  splitting: true,
  minify: false,
  preserveSymlinks: true,
  metafile: true,
  write: false,
  plugins: [without, builtins],
});
await writeMerged(split, { entry: "cli.js", list: "src/commands/index.ts" }, options);
const packages = bundledPackages(Object.keys(split.metafile.inputs));
writeFileSync("dist/THIRD-PARTY.txt", noticesOf(packages));
writeFileSync("dist/sbom.cdx.json", sbomOf(packages));
