import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "@jest/globals";
import { InputError } from "../../src/ground/errors.js";
import { tarEntries } from "../../src/input/archive/tar.js";
import { buildContext, longSizeOfHeaderPage } from "../../src/system/context.js";
import { gatherSystem, loadContextFiles } from "../../src/system/load.js";
import { formatText, LE64 } from "../support/formats.js";

const dir = mkdtempSync(join(tmpdir(), "rbtool-context-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const root = join(dir, "collected");
const deep = "a-directory-with-a-long-name-".repeat(3);
mkdirSync(join(root, "events/sched/one"), { recursive: true });
mkdirSync(join(root, "events", deep, "two"), { recursive: true });
writeFileSync(join(root, "events/sched/one/format"), formatText([["u32 w", 8, 4, 0]], '"%u", REC->w', "one"));
writeFileSync(
  join(root, "events", deep, "two/format"),
  formatText([["u32 w", 8, 4, 0]], '"%u", REC->w', "two").replace("ID: 1000", "ID: 1001"),
);
writeFileSync(join(root, "events/header_page"), "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n");
writeFileSync(join(root, "kallsyms.gz"), gzipSync("ffffffff81000000 T _text\nffffffff81001000 T _end\n"));
writeFileSync(join(root, "printk_formats"), '0x1000 : "hello"\n');
writeFileSync(join(root, "saved_cmdlines"), "7 seven\n");
writeFileSync(join(root, "trace_clock"), "local [mono] boot\n");
writeFileSync(join(root, "release"), "7.3.4+test\n");

const tar = (format: string, name: string, options: string[] = []): string => {
  const path = join(dir, name);
  execFileSync("tar", [`--format=${format}`, ...options, "-cf", path, "-C", root, "."]);
  return path;
};

test.each([
  ["a directory", () => root],
  ["a GNU tar", () => tar("gnu", "gnu.tar")],
  ["a pax tar", () => tar("posix", "pax.tar")],
  ["a ustar tar", () => tar("ustar", "ustar.tar")],
  ["a gzipped tar", () => tar("gnu", "all.tar.gz", ["-z"])],
])("everything is found in %s", async (_, make) => {
  const context = buildContext((await gatherSystem([make()])).collected, LE64);
  expect([...context.formats.formats()].map((f) => `${f.system}/${f.name}`).sort()).toEqual([
    `${deep}/two`,
    "sched/one",
  ]);
  expect(context.symbols?.textAddress).toBe(0xffffffff81000000n);
  expect(context.printkFormats?.get(0, 0x1000)).toBe("hello");
  expect(context.cmdlines.get(7)).toBe("seven");
  expect(Buffer.from(context.files.traceClock!).toString()).toContain("[mono]");
  expect(context.release).toBe("7.3.4+test");
  expect(longSizeOfHeaderPage(context.headerPage)).toBe(8);
});

test("a probe may have any name, that of the folder of types, too", async () => {
  const copy = join(dir, "probes/events/pf/btf");
  mkdirSync(copy, { recursive: true });
  writeFileSync(join(copy, "format"), formatText([["u64 arg1", 8, 8, 0]], '"arg1=%llu", REC->arg1', "btf"));
  writeFileSync(join(copy, "enable"), "0\n");
  const packed = join(dir, "probes.tar");
  execFileSync("tar", ["-cf", packed, "-C", join(dir, "probes"), "."]);
  const { collected } = await gatherSystem([packed]);
  expect([...buildContext(collected, LE64).formats.formats()].map((f) => `${f.system}/${f.name}`)).toEqual(["pf/btf"]);
  expect(collected.btf).toBeUndefined();
});

test("a file on its own takes the place of the collected one", async () => {
  const cmdlines = join(dir, "mine.gz");
  writeFileSync(cmdlines, gzipSync("7 other\n"));
  const { collected } = await gatherSystem([root]);
  expect(buildContext(loadContextFiles({ cmdlines }, collected), LE64).cmdlines.get(7)).toBe("other");
});

test("what cannot be read is an InputError", async () => {
  await expect(gatherSystem([join(dir, "nothing")])).rejects.toThrow(InputError);
  expect(() => loadContextFiles({ kallsyms: join(dir, "nothing") })).toThrow(InputError);
  const noise = join(dir, "noise");
  writeFileSync(noise, Buffer.alloc(2048, 0x5a));
  // What is no archive may be a kernel: whoever opens it as one says that it is none.
  expect((await gatherSystem([noise])).kernels).toHaveLength(1);
  const cut = join(dir, "cut.gz");
  writeFileSync(cut, gzipSync(Buffer.alloc(10000)).subarray(0, 20));
  await expect(gatherSystem([cut])).rejects.toThrow(InputError);
  const empty = join(dir, "empty");
  mkdirSync(empty);
  expect(() => loadContextFiles({ events: empty })).toThrow(/no event formats/);
});

test("a tar archive cut anywhere gives what is whole, or an InputError", () => {
  const archive = new Uint8Array(execFileSync("tar", ["-cf", "-", "-C", root, "."]));
  const whole = [...tarEntries(archive)].length;
  expect(whole).toBe(8);
  for (let end = 0; end < archive.length; end += 173) {
    try {
      expect([...tarEntries(archive.subarray(0, end))].length).toBeLessThanOrEqual(whole);
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
    }
  }
});
