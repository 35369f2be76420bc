// Bundles the command line and the library. Each command is a file of its own, loaded only when it is called: start-up is
// what a person waits for in a shell loop.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { builtins } from "./build/builtins.mjs";
import { writeMerged } from "./build/merge.mjs";
import { bundledPackages, noticesOf } from "./build/notices.mjs";
import { sbomOf } from "./build/sbom.mjs";
import { without } from "./build/without.mjs";

const options = {
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
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
  format: "esm",
  splitting: true,
  minify: false,
  preserveSymlinks: true,
  metafile: true,
  write: false,
  plugins: [without, builtins],
});
await writeMerged(split, { entry: "cli.cjs", list: "src/commands/index.ts" }, options);
await build({
  ...options,
  entryPoints: ["src/start/main.ts", "src/start/thread.ts"],
  bundle: true,
  format: "cjs",
  define: { BUILD: JSON.stringify(sumOf("dist")) },
  plugins: [builtins],
});
writeFileSync("dist/index.js", libraryOf(split));
const packages = bundledPackages(Object.keys(split.metafile.inputs));
writeFileSync("dist/THIRD-PARTY.txt", noticesOf(packages));
writeFileSync("dist/sbom.cdx.json", sbomOf(packages));

/** Names the files of a folder by what is in them. */
function sumOf(folder) {
  const sum = createHash("sha256");
  for (const file of readdirSync(folder).sort()) sum.update(file).update(readFileSync(`${folder}/${file}`));
  return sum.digest("hex");
}

/** The library as an ES module. Its files are those of the command line. */
function libraryOf({ metafile: { outputs } }) {
  const { exports } = outputs["dist/index.cjs"];
  return `import library from "./index.cjs";\nexport const { ${exports.join(", ")} } = library;\n`;
}
