import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "@jest/globals";
import { LineEnds } from "../../src/input/text-mode.js";
import { elfCore } from "../support/build-memory.js";
import { fixture } from "../support/images.js";
import { rbtool } from "../support/run.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** As a program writes it that takes the bytes for text: LF becomes CR LF. */
const asText = (bytes: Uint8Array): Buffer =>
  Buffer.from(Buffer.from(bytes).toString("latin1").replaceAll("\n", "\r\n"), "latin1");
const count = (bytes: Uint8Array): number => bytes.filter((byte) => byte === 0x0a).length;

const image = fixture("v7.3-read").bytes();
const noise = new Uint8Array(5 * 4096).map((_, i) => Math.imul(i ^ (i >> 3), 2654435761) >>> 24);
const FILES: readonly (readonly [string, Uint8Array])[] = [
  ["image", image],
  ["memory", Buffer.concat([Buffer.alloc(4096), noise, image])],
  ["core", elfCore([{ address: 0x7f40000, bytes: image }])],
  ["packed", gzipSync(image)],
  ["few", fixture("v7.3-few").bytes()],
];

test.each(FILES)("%s that was transferred in text mode is refused, with what shows it", async (name, bytes) => {
  const path = join(folder, name);
  writeFileSync(path, asText(bytes));
  for (const command of ["inspect", "locate"]) {
    const { status, stdout, stderr } = await rbtool([command, path]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(
      `transferred in text mode, which breaks it: each of the ${count(bytes)} bytes 0a that were read has`,
    );
  }
});

test.each(FILES)("%s as it is holds line feeds by themselves", (_, bytes) => {
  const ends = new LineEnds();
  // Whatever the pieces are: a pair may be cut between them.
  for (const byte of asText(bytes)) ends.add(Uint8Array.of(byte));
  expect(ends.translated).toBe(count(bytes));
  const sound = new LineEnds();
  sound.add(bytes);
  expect([sound.open, sound.translated]).toEqual([false, undefined]);
});

test.each(FILES)("%s is what it was after the command that the message names", async (name, bytes) => {
  const path = join(folder, "FILE");
  writeFileSync(path, asText(bytes));
  const command = /`(perl [^`]+)`/.exec((await rbtool(["inspect", path])).stderr)![1]!;
  const { status, error } = spawnSync("sh", ["-c", command], { cwd: folder });
  if (error !== undefined || status === 127) return;
  expect([name, readFileSync(join(folder, "dump.bin")).equals(bytes)]).toEqual([name, true]);
});

test("packed bytes without a single pair are said to have lost them", async () => {
  const path = join(folder, "packed.gz");
  const noise = Buffer.alloc(2 ** 20).map((_, i) => Math.imul(i ^ (i >>> 7), 2654435761) >>> 21);
  const packed = gzipSync(Buffer.concat([image, noise]), { level: 0 });
  const told = async (bytes: Buffer): Promise<boolean> => {
    writeFileSync(path, bytes);
    const { stdout } = await rbtool(["inspect", path]);
    expect(stdout).toMatch(/input-incomplete: .*gzip: /);
    return /none of its bytes 0a has a 0d in front, as after a transfer in text mode/.test(stdout);
  };
  expect(await told(Buffer.from(packed.toString("latin1").replaceAll("\r\n", "\n"), "latin1"))).toBe(true);
  // Cut, it has its pairs.
  expect(await told(packed.subarray(0, packed.length - 1000))).toBe(false);
});
