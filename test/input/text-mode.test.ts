import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
