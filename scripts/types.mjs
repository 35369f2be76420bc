// Leaves of the emitted declarations those that the library's can reach: the rest describe what nobody can import.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

const folder = "dist/types";
const reached = new Set();
(function reach(file) {
  if (reached.has(file)) return;
  reached.add(file);
  for (const [, path] of readFileSync(join(folder, file), "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]+)\.js"/g))
    reach(join(dirname(file), `${path}.d.ts`));
})("index.d.ts");
for (const file of readdirSync(folder, { recursive: true }))
  if (file.endsWith(".d.ts") && !reached.has(file)) rmSync(join(folder, file));
