import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { NotAnImageError } from "../../src/ground/errors.js";
import { type Image, readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { DUMPS, dumpContext, dumpInfo, dumpNames, gunzipped, traceFileOf } from "../support/kernel-text.js";

/** Damaged images, and the `trace` file that a real kernel made of each: its lines, and a hash of it. */
interface OracleCase {
  readonly base: string;
  readonly patch: readonly { at: number; hex?: string; fill?: number | string; length?: number }[];
  readonly trace_lines?: number;
  readonly trace_sha256?: string;
}

const ORACLE = join(DUMPS, "../oracle");
if (!existsSync(ORACLE)) process.stderr.write(`\n*** SKIPPED: no ${ORACLE} ***\n\n`);

/** The kernels lie where they lie without KASLR. */
const TEXT = 0xffffffff81000000n;

/**
 * Where damage, or another kernel's event ids, make a record too short for its event: the kernel reads on behind it, in
 * memory that is not the record's, and prints or even crashes over what it finds there; rbtool marks it. Named in
 * docs/events.md.
 */
const BEYOND_RECORD: ReadonlySet<string> = new Set([
  "6.12.107/013-bits.json",
  "6.18.15/026-swap.json",
  "6.18.15/032-noise.json",
  "7.1.13/013-bits.json",
  "7.3.4/from-v6.16-read.json",
  "7.3.4/from-v6.18-read.json",
  "7.3.4/from-v7.0-read.json",
  "7.3.4/from-v7.1-rewind.json",
  "7.3.4/from-v7.2-live.json",
]);

const tally = { lines: 0, hashes: 0, hashable: 0, cases: 0 };

for (const kernel of existsSync(ORACLE) ? readdirSync(ORACLE).filter((name) => /^\d/.test(name)) : []) {
  // The kernel that reads has its own formats and symbols.
  const own = dumpNames().find(
    (name) => dumpInfo(name).kernel.startsWith(`${kernel}+`) && !/kaslr|arm|s390|ppc|riscv/.test(name),
  );
  for (const file of readdirSync(join(ORACLE, kernel)).sort()) {
    const oracle = JSON.parse(readFileSync(join(ORACLE, kernel, file), "utf8")) as OracleCase;
    if (oracle.trace_lines === undefined || own === undefined) continue;
    test(`${kernel}/${file}: the lines that the kernel printed`, () => {
      const bytes = patched(gunzipped(oracle.base, "image.bin.gz"), oracle.patch);
      let image: Image;
      try {
        image = readImage(new MemorySource(bytes));
      } catch (error) {
        // Nothing left of it: the kernel makes an empty buffer.
        if (!(error instanceof NotAnImageError)) throw error;
        expect(oracle.trace_lines).toBe(12);
        return;
      }
      const got = traceFileOf(image, dumpContext(own, image), {
        release: dumpInfo(own).kernel,
        onlineCpus: 2,
        text: TEXT,
      });
      const lines = got.split("\n").length - 1;
      const hash = createHash("sha256").update(Buffer.from(got, "latin1")).digest("hex");
      tally.cases++;
      if (lines === oracle.trace_lines) tally.lines++;
      const exact = !got.includes("ptrval");
      if (exact) tally.hashable++;
      if (exact && hash === oracle.trace_sha256) tally.hashes++;
      if (BEYOND_RECORD.has(`${kernel}/${file}`)) return;
      expect(lines).toBe(oracle.trace_lines);
      if (exact) expect(hash).toBe(oracle.trace_sha256);
    });
  }
}

if (!existsSync(ORACLE)) test.skip("no damaged images", () => {});

afterAll(() => {
  process.stderr.write(
    `oracle: ${tally.lines}/${tally.cases} with the kernel's number of lines; ${tally.hashes}/${tally.hashable} of those without hashed pointers are the same file\n`,
  );
});

function patched(image: Uint8Array, patches: OracleCase["patch"]): Uint8Array {
  const bytes = Uint8Array.from(image);
  for (const { at, hex, fill, length } of patches) {
    if (hex !== undefined) bytes.set(Buffer.from(hex, "hex"), at);
    else bytes.fill(typeof fill === "string" ? Number.parseInt(fill, 16) : (fill ?? 0), at, at + (length ?? 0));
  }
  return bytes;
}
