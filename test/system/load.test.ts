import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { latin1 } from "../../src/ground/latin1.js";
import { loadContextFiles } from "../../src/system/load.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rbtool-load-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HEAD = "name: one\nID: 300\nformat:\n\tfield:int a;\toffset:8;\tsize:4;\tsigned:1;\n";
/** The folder of an event that has a format file, and the file. */
function eventOf(name: string): { readonly events: string; readonly file: string } {
  const events = join(folder, name);
  mkdirSync(join(events, "sys/one"), { recursive: true });
  return { events, file: join(events, "sys/one/format") };
}
const textsIn = (events: string): string[] => loadContextFiles({ events }).formats.map(({ bytes }) => latin1(bytes));

test.each([
  ["ends as the kernel writes it", `${HEAD}\nprint fmt: "%d", REC->a\n`],
  ["has more behind its print format", `${HEAD}\nprint fmt: "%d", REC->a\nand more\n`],
  ["has a print format of two lines", `${HEAD}\nprint fmt: "%d\nand", REC->a\n`],
  ["has no newline at its end", `${HEAD}\nprint fmt: "%d", REC->a`],
  ["has no print format", HEAD],
  ["is a newline", "\n"],
  ["is empty", ""],
])("a format file that %s is read whole", (name, text) => {
  const { events, file } = eventOf(name);
  // One before it: what it left in memory is none of the next one's.
  mkdirSync(join(events, "sys/before"));
  writeFileSync(join(events, "sys/before/format"), `${HEAD.repeat(9)}\nprint fmt: "before"\n`);
  writeFileSync(file, text, "latin1");
  expect(textsIn(events).at(-1)).toBe(text);
});

test("beside a format file that is not small, others are read", () => {
  const { events, file } = eventOf("large");
  writeFileSync(file, `${HEAD}\nprint fmt: "${"x".repeat(70_000)}"\n`);
  mkdirSync(join(events, "sys/two"));
  writeFileSync(join(events, "sys/two/format"), HEAD);
  expect(textsIn(events)).toContain(HEAD);
});

test("a format file that comes in pieces, as those of a tracefs do, is read whole", async () => {
  const pieces = [HEAD, '\nprint fmt: "%d",', " REC->a\n"];
  const { events, file } = eventOf("pieces");
  execFileSync("mkfifo", [file]);
  const script = 'for piece in "$@"; do printf %s "$piece"; sleep 0.1; done > "$0"';
  const writer = spawn("sh", ["-c", script, file, ...pieces]);
  const ended = new Promise((resolve) => writer.on("close", resolve));
  expect(textsIn(events)).toEqual([pieces.join("")]);
  await ended;
});
