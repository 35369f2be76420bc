import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { COMMANDS } from "../../src/commands/index.js";

const DIST = "dist";
const files = readdirSync(DIST).filter((name) => name.endsWith(".cjs"));

/** The files that a file of the bundle loads at once, itself among them. */
function loadedBy(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(join(DIST, file), "utf8");
  for (const [, other] of text.matchAll(/=require\("\.\/([\w.-]+\.cjs)"\)/g)) loadedBy(other!, found);
  return found;
}

test("no command loads more than a few files: each costs as much time as 20 KB of code", () => {
  const counts = COMMANDS.map(({ name }) => {
    const own = files.filter(
      (file) => file.startsWith(`${name}-`) && /^-[A-Z0-9]{8}\.cjs$/.test(file.slice(name.length)),
    );
    expect([name, own.length]).toEqual([name, 1]);
    return [name, loadedBy(own[0]!, new Set(loadedBy("cli.cjs"))).size] as const;
  });
  expect(counts.filter(([, count]) => count > 12)).toEqual([]);
});
