import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { InputError } from "../../src/ground/errors.js";
import { latin1 } from "../../src/ground/latin1.js";
import { gatherSystem, loadContextFiles } from "../../src/system/load.js";

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

test("a FIFO in the place of a format file makes nobody wait", () => {
  const { events, file } = eventOf("fifo");
  execFileSync("mkfifo", [file]);
  mkdirSync(join(events, "sys/two"));
  writeFileSync(join(events, "sys/two/format"), HEAD);
  expect(textsIn(events)).toContain(HEAD);
});

test.each([
  ["kallsyms", "no symbols in it"],
  ["printkFormats", "no strings in it, as printk_formats has them"],
  ["cmdlines", "no names of tasks in it, as saved_cmdlines has them"],
  ["btf", "not a kernel's types (BTF)"],
  ["events", "not a format file, nor a tar archive of them"],
])("a file that is no %s is named", (source, why) => {
  const file = join(folder, `other ${source}`);
  writeFileSync(file, "x".repeat(2000));
  expect(() => loadContextFiles({ [source]: file })).toThrow(new InputError(`${file}: ${why}`));
});

test.each([
  ["kallsyms", "hello world foo bar\n", "no symbols in it"],
  ["printk_formats", "0x1 without a string\n", "no strings in it, as printk_formats has them"],
  ["saved_cmdlines", "\x7fELF\x02\x01", "no names of tasks in it, as saved_cmdlines has them"],
  ["release", "\x7fELF\x02\x01", "no release in it, as uname -r tells it"],
  ["osrelease", `6.12.8${"x".repeat(2000)}`, "no release in it, as uname -r tells it"],
])("another file of the name %s is passed over by name, in a directory and in an archive", async (name, text, why) => {
  const path = join(folder, `foreign-${name}`);
  mkdirSync(path);
  writeFileSync(join(path, name), text);
  await expect(gatherSystem([path])).rejects.toThrow(new InputError(`${path}: ${name}: ${why}`));
  execFileSync("tar", ["czf", `${path}.tar.gz`, "-C", path, name]);
  await expect(gatherSystem([`${path}.tar.gz`])).rejects.toThrow(new InputError(`${path}.tar.gz: ${name}: ${why}`));
  // Where there is more, that is read.
  writeFileSync(join(path, "trace_clock"), "[local]");
  const { collected, passedOver } = await gatherSystem([path]);
  expect({ collected, passedOver }).toEqual({
    collected: { formats: [], traceClock: Buffer.from("[local]") },
    passedOver: [`${path}: ${name}: ${why}`],
  });
  // What could not be collected is empty.
  writeFileSync(join(path, name), "");
  expect((await gatherSystem([path])).collected.release).toBeUndefined();
});

test("of a directory of packages it is said that each is named", async () => {
  const path = join(folder, "mirror");
  mkdirSync(path);
  for (const name of ["b.rpm", "a.deb", "notes"]) writeFileSync(join(path, name), "");
  await expect(gatherSystem([path])).rejects.toThrow(
    `${path}: nothing in it tells of a kernel; name each package that belongs to it, like ${join(path, "a.deb")}`,
  );
});

test("a kernel that knows no task, or has no strings, has files of nothing", () => {
  const file = join(folder, "nothing");
  writeFileSync(file, "");
  const { cmdlines, printkFormats } = loadContextFiles({ cmdlines: file, printkFormats: file });
  expect([cmdlines, printkFormats]).toEqual([Buffer.alloc(0), Buffer.alloc(0)]);
});

test("formats that tar took for empty are named, with what to do", async () => {
  const { events, file } = eventOf("empty");
  writeFileSync(file, "");
  const tar = join(folder, "empty.tar");
  execFileSync("tar", ["cf", tar, "-C", folder, "empty"]);
  for (const path of [events, tar]) {
    expect(() => loadContextFiles({ events: path })).toThrow(`${path}: all its event formats are empty, as tar takes`);
    await expect(gatherSystem([path])).rejects.toThrow(`${path}: all its event formats are empty, as tar takes`);
  }
  mkdirSync(join(events, "sys/two"));
  writeFileSync(join(events, "sys/two/format"), HEAD);
  expect(textsIn(events)).toContain(HEAD);
});
