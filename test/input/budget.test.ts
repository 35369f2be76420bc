import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, expect, test } from "@jest/globals";
import { tarball } from "../../src/export/tarball/tar.js";
import { type InputError, UsageError } from "../../src/ground/errors.js";
import { beginsLikeArea } from "../../src/image/detect/signs.js";
import { readImage } from "../../src/image/image.js";
import { Allowance, BUDGET_VARIABLES, budget, OverBudget } from "../../src/input/budget.js";
import { openSource } from "../../src/input/open.js";
import { MemorySource } from "../../src/input/source.js";
import { Spool } from "../../src/input/spool.js";
import { ZstdGuard, zstdHeader } from "../../src/input/unpack/zstd-frames.js";
import { gatherSystem, loadContextFiles } from "../../src/system/load.js";
import { fixture } from "../support/images.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-budget-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  for (const name of Object.values(BUDGET_VARIABLES)) delete process.env[name];
});

const MIB = 1024 * 1024;

function saved(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test("the environment sets the budget; what is no size is told by name", () => {
  for (const [text, bytes] of [
    ["1234", 1234],
    ["3K", 3 * 1024],
    ["2g", 2 * 1024 ** 3],
    ["1T", 1024 ** 4],
  ] as const) {
    process.env.RBTOOL_MAX_MEMORY = text;
    expect(budget().memory).toBe(bytes);
  }
  for (const text of ["much", "-1", "1.5G", "2GB"]) {
    process.env.RBTOOL_MAX_DISK = text;
    expect(() => budget()).toThrow(
      new UsageError(`RBTOOL_MAX_DISK=${text}: write a number of bytes, or like 512M, 8G, 1T`),
    );
  }
});

/** A frame of one empty block that names a window, or a content size. */
const windowFrame = (descriptor: number): Uint8Array => Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, descriptor, 1, 0, 0);
const contentFrame = (size: number): Uint8Array => {
  const frame = new Uint8Array(16);
  frame.set([0x28, 0xb5, 0x2f, 0xfd, 0xe0]);
  new DataView(frame.buffer).setBigUint64(5, BigInt(size), true);
  frame.set([1, 0, 0], 13);
  return frame;
};

test.each([
  ["a window", windowFrame((20 << 3) | 7)],
  ["a window beyond 2 GiB", windowFrame((31 << 3) | 7)],
  ["a content size", contentFrame(1024 ** 3)],
  ["a window, behind a sound frame", Buffer.concat([windowFrame(0), windowFrame(20 << 3)])],
  [
    "a window, behind a frame that is passed over",
    Buffer.concat([windowFrame(0), Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3), windowFrame(20 << 3)]),
  ],
])("a zstd frame that only names %s is refused by name, and takes no memory", async (_name, bytes) => {
  const before = process.memoryUsage().rss;
  await expect(openSource(saved("window.zst", bytes))).rejects.toThrow(
    /window\.zst: a zstd frame wants \d+ bytes of memory to be unpacked, more than 134217728: unpack it first, by zstd itself/,
  );
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * MIB);
});

test("the windows of usual frames are let pass, in whatever pieces they come", () => {
  expect(zstdHeader(windowFrame(17 << 3)).window).toBe(128 * MIB);
  const bytes = Buffer.concat([windowFrame(17 << 3), contentFrame(5000), windowFrame(0)]);
  const guard = new ZstdGuard();
  for (const byte of bytes) guard.look(Uint8Array.of(byte));
});

test("the files of one context share a budget", async () => {
  const packed = gzipSync(Buffer.alloc(4 * MIB));
  const many = Array.from({ length: 20 }, (_, i) => ({ path: `btf/module${i}.gz`, bytes: packed }));
  const bomb = saved("bombs.tar", tarball(many));
  expect((await gatherSystem([bomb])).collected.btf).toHaveLength(20);
  process.env.RBTOOL_MAX_MEMORY = "16M";
  await expect(gatherSystem([bomb])).rejects.toThrow(
    /bombs\.tar: btf\/module\d\.gz: it unpacks to too much: all packed files may take 16777216 bytes; .*RBTOOL_MAX_MEMORY=8G/,
  );
  const one = saved("kallsyms.gz", gzipSync(Buffer.alloc(10 * MIB)));
  expect(() => loadContextFiles({ kallsyms: one })).toThrow(/kallsyms\.gz: it unpacks to too much/);
});

test("of files that take each other's place only the last is unpacked", async () => {
  const packed = gzipSync(Buffer.alloc(4 * MIB));
  const last = { path: "later/kallsyms.gz", bytes: gzipSync("ffffffff81000000 T _text\n") };
  const same = Array.from({ length: 20 }, (_, i) => ({ path: `${i}/kallsyms.gz`, bytes: packed }));
  process.env.RBTOOL_MAX_MEMORY = "16M";
  const { collected, allowance } = await gatherSystem([saved("same.tar", tarball([...same, last]))]);
  expect(Buffer.from(collected.kallsyms!.bytes).toString()).toBe("ffffffff81000000 T _text\n");
  expect(allowance.left).toBeGreaterThan(15 * MIB);
});

test.each([
  ["kallsyms.gz", 129],
  ["printk_formats.gz", 17],
  ["sched/sched_switch/format.gz", 17],
])("%s that unpacks to %i MiB is no such file, and is unpacked no further", async (path, mib) => {
  const bytes = gzipSync(Buffer.alloc(mib * MIB));
  await expect(gatherSystem([saved("large.tar", tarball([{ path, bytes }]))])).rejects.toThrow(
    new RegExp(`${path}: it unpacks to more than ${(mib - 1) * MIB} bytes, and is no such file`),
  );
});

test("an archive that holds itself ends", async () => {
  let bytes = tarball([{ path: "events.tar", bytes: new Uint8Array(0) }]);
  for (let depth = 0; depth < 10; depth++) bytes = tarball([{ path: "events.tar", bytes }]);
  await expect(gatherSystem([saved("nested.tar", bytes)])).rejects.toThrow(/archives in archives, more than 4 deep/);
});

test("an allowance counts what is unpacked, also of what is thrown away", () => {
  const allowance = new Allowance(100);
  allowance.take(60);
  expect(allowance.left).toBe(40);
  expect(allowance.forOne).toBe(40);
  expect(() => allowance.take(41)).toThrow(OverBudget);
  expect(allowance.left).toBe(0);
});

test("before an input goes to the disk, its beginning is asked what it is", () => {
  process.env.RBTOOL_MAX_DISK = "1280M";
  const spooled = (start: Uint8Array): number => {
    const spool = new Spool(beginsLikeArea);
    spool.write(start);
    const piece = new Uint8Array(4 * MIB);
    try {
      while (spool.length < 120 * MIB) spool.write(piece);
    } catch (error) {
      expect((error as InputError).message).toMatch(
        /nothing in its beginning tells what it is, and only 83886080 bytes .*save it, unpacked, .*RBTOOL_MAX_DISK=1T/,
      );
    }
    spool.discard();
    return spool.length;
  };
  expect(spooled(fixture("v7.3-few").bytes())).toBeGreaterThanOrEqual(120 * MIB);
  expect(spooled(new Uint8Array(4096))).toBeLessThan(90 * MIB);
  process.env.RBTOOL_MAX_DISK = "100M";
  const spool = new Spool(() => true);
  expect(() => {
    for (;;) spool.write(new Uint8Array(4 * MIB));
  }).toThrow(/it is larger than the 104857600 bytes that may be kept of a pipe or a packed file/);
  spool.discard();
});

test("what the program itself puts in a temporary file may take the whole budget, and is not called an input", () => {
  process.env.RBTOOL_MAX_DISK = "100M";
  const spool = new Spool();
  expect(() => {
    for (;;) spool.write(new Uint8Array(4 * MIB));
  }).toThrow("the output takes more than the 104857600 bytes that may lie in a temporary file");
  expect(spool.length).toBe(104 * MIB);
  spool.discard();
});

test("a named FIFO is read once and whole", async () => {
  const path = join(folder, "fifo");
  execFileSync("mkfifo", [path]);
  const bytes = fixture("v7.3-few").bytes();
  const image = saved("fifo-image", bytes);
  for (let turn = 0; turn < 4; turn++) {
    const writer = spawn("sh", ["-c", 'cat "$1" > "$2"', "sh", image, path], { stdio: "ignore" });
    const end = new Promise((resolve) => writer.on("close", resolve));
    const source = await openSource(path);
    expect(Buffer.compare(source.read(0, source.size), bytes)).toBe(0);
    expect(await end).toBe(0);
  }
});

test("a packed input without an end costs neither memory nor the disk", async () => {
  process.env.RBTOOL_MAX_DISK = "1600M";
  const path = join(folder, "zeros.gz");
  // Members of a gzip file follow each other.
  const member = gzipSync(Buffer.alloc(4 * MIB));
  writeFileSync(path, Buffer.concat(Array.from({ length: 75 }, () => member)));
  await expect(openSource(path)).rejects.toThrow(/zeros\.gz: nothing in its beginning tells what it is/);
});

test("an area of more sub-buffers than the budget has memory for is refused by name, however small its file", () => {
  const source = new MemorySource(fixture("v7.3-read").bytes(), "area");
  expect(readImage(source).cpus).toHaveLength(2);
  process.env.RBTOOL_MAX_MEMORY = "50K";
  expect(() => readImage(source)).toThrow(OverBudget);
  expect(() => readImage(source)).toThrow(
    /area: 2 CPUs of 62 sub-buffers take some 1 GiB of memory to be read.*RBTOOL_MAX_MEMORY/,
  );
});
