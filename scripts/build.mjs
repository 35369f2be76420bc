// Bundles the command line and the library. Each command is a chunk of its own, loaded only when it is
// called: start-up is what a person waits for in a shell loop.
import { rmSync } from "node:fs";
import { build } from "esbuild";

rmSync("dist", { recursive: true, force: true });
await build({
  entryPoints: { cli: "src/cli.ts", index: "src/index.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  minify: true,
  // commander is CommonJS: it asks for node's own modules by require().
  banner: {
    js: "import { createRequire as __rbtoolRequire } from 'node:module'; const require = __rbtoolRequire(import.meta.url);",
  },
  // commander loads it for subcommands that are programs of their own: rbtool has none, and it costs 5 ms a start.
  alias: { "node:child_process": "./scripts/no-child-process.mjs" },
  logLevel: "warning",
});
