import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { COMMANDS } from "../../src/commands/index.js";
import { groupsOf } from "../../src/spec/spec.js";

const ROOT = join(import.meta.dirname, "../..");

test.each(["README.md", "docs/json.md"])("%s names the commands that have no --json, and no other", async (page) => {
  const [, named] = /Every command but ([^.]*?) has `--json`/.exec(readFileSync(join(ROOT, page), "utf8"))!;
  const without: string[] = [];
  for (const command of COMMANDS) {
    const options = groupsOf(await command.load()).flatMap((group) => group.options);
    if (!options.some(({ flags }) => flags === "--json")) without.push(command.name);
  }
  expect([...named!.matchAll(/`([^`]*)`/g)].map(([, name]) => name).sort()).toEqual(without.sort());
});
