import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "@jest/globals";
import { InputError } from "../../src/ground/errors.js";
import { compressionOf, decompress } from "../../src/input/decompress.js";
import { openSource } from "../../src/input/open.js";
import { Spool } from "../../src/input/spool.js";
import { FIXTURES } from "../support/collection.js";
import { fixture } from "../support/images.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const image = fixture("v7.3-few").bytes();

function saved(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test("a plain file is read in place, at any offset, across blocks and past the end", async () => {
  const big = new Uint8Array(3 * 1024 * 1024 + 17).map((_, i) => (i * 31) & 0xff);
  const source = await openSource(saved("big.bin", big));
  expect(source.size).toBe(big.length);
  for (const [offset, length] of [
    [0, 10],
    [1048570, 20],
    [2097151, 2],
    [1000, 2500000],
    [big.length - 5, 100],
    [big.length, 4],
    [big.length + 1000, 4],
  ] as const) {
    const expected = big.subarray(offset, offset + length);
    expect(Buffer.from(source.read(offset, length)).equals(expected)).toBe(true);
    expect(Buffer.from(source.probe(offset, length)).equals(expected)).toBe(true);
  }
  source.close();
});

test("gzip and zstd are told by content, whatever the name", async () => {
  for (const path of [saved("a.bin", gzipSync(image)), join(FIXTURES, "inputs/v7.3-few.bin.zst")]) {
    const source = await openSource(path);
    expect(Buffer.from(source.read(0, source.size)).equals(image)).toBe(true);
    expect(source.notes).toEqual([]);
  }
});

test("several gzip members in one file are one input", async () => {
  const two = Buffer.concat([gzipSync(image.subarray(0, 1000)), gzipSync(image.subarray(1000))]);
  const source = await openSource(saved("two.gz", two));
  expect(Buffer.from(source.read(0, source.size)).equals(image)).toBe(true);
});

test("a compressed input that ends early, or is damaged, gives what came before and a note", async () => {
  let seed = 1;
  const noisy = new Uint8Array(300000).map(() => {
    seed = Math.imul(seed, 1103515245) + 12345;
    return seed >>> 16;
  });
  const gz = gzipSync(noisy);
  for (const bytes of [
    gz.subarray(0, gz.length - 5000),
    Buffer.concat([gz.subarray(0, 200000), Buffer.alloc(20000, 7)]),
  ]) {
    const source = await openSource(saved("cut.gz", bytes));
    expect(source.notes).toHaveLength(1);
    expect(source.notes[0]).toMatch(/gzip: .*: reading the \d+ bytes before it/);
    expect(source.size).toBeGreaterThan(100000);
    expect(Buffer.from(source.read(0, 100000)).equals(noisy.subarray(0, 100000))).toBe(true);
  }
  const zst = readFileSync(join(FIXTURES, "inputs/v7.3-few.bin.zst"));
  const source = await openSource(saved("cut.zst", zst.subarray(0, zst.length - 20)));
  expect(source.notes[0]).toMatch(/zstd: /);
});

test("what is collected beyond the bound goes to a nameless file and reads the same", () => {
  const spool = new Spool();
  const chunk = new Uint8Array(1024 * 1024);
  for (let i = 0; i < 70; i++) spool.write(chunk.map(() => i));
  const source = spool.finish("<stdin>", []);
  expect(source.size).toBe(70 * 1024 * 1024);
  for (const i of [0, 1, 63, 64, 65, 69]) expect(source.read(i * 1024 * 1024 + 5, 1)[0]).toBe(i);
  source.close();
});

test("an empty, missing or unreadable input says so", async () => {
  await expect(openSource(join(folder, "nothing"))).rejects.toThrow(
    new InputError(`${join(folder, "nothing")}: no such file`),
  );
  await expect(openSource(folder)).rejects.toThrow(/is a directory/);
  expect((await openSource(saved("empty", new Uint8Array(0)))).size).toBe(0);
});

test("chunks as small as a byte", async () => {
  const gz = gzipSync(image);
  async function* bytes() {
    for (const byte of gz) yield Uint8Array.of(byte);
  }
  const got: Uint8Array[] = [];
  expect(await decompress(compressionOf(gz), bytes(), (chunk) => got.push(chunk))).toBeUndefined();
  expect(Buffer.concat(got).equals(image)).toBe(true);
});

/** Runs the bundle (npm test builds it) as a process of its own. */
function run(
  args: string[],
  input: Uint8Array | undefined,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(FIXTURES, "../bin/rbtool.js"), ...args], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data) => {
      stdout += data;
    });
    child.stderr.on("data", (data) => {
      stderr += data;
    });
    child.on("close", (status) => resolve({ status, stdout, stderr }));
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

test("standard input, plain and compressed, with and without a dash", async () => {
  for (const [args, input] of [
    [["inspect", "--json"], image],
    [["inspect", "--json", "-"], gzipSync(image)],
  ] as const) {
    const { status, stdout, stderr } = await run([...args], input);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(stdout).image).toEqual({ name: "<stdin>", size: image.length });
  }
});

test("a reader that goes away ends the program quietly", async () => {
  const child = spawn("sh", [
    "-c",
    `"${process.execPath}" "${join(FIXTURES, "../bin/rbtool.js")}" inspect --pages --json "${join(FIXTURES, "dumps/v7.3-read/image.bin.gz")}" | head -c 10; exit 0`,
  ]);
  let stderr = "";
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  await new Promise((resolve) => child.on("close", resolve));
  expect(stderr).toBe("");
});
