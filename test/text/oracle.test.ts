import { createHash } from "node:crypto";
import { afterAll, expect, test } from "@jest/globals";
import { NotAnImageError } from "../../src/ground/errors.js";
import { type Image, readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { Dump } from "../support/images.js";
import { dumpContext, textDumps, traceFileOf } from "../support/kernel-text.js";
import { haveOracle, oracleCases, patched } from "../support/oracle.js";

/** Of each damaged image the number of lines of the `trace` file that a real kernel made of it, and a hash of it. */
const cases = oracleCases().filter(({ trace_lines }) => trace_lines !== undefined);

/** The kernels lie where they lie without KASLR. */
const TEXT = 0xffffffff81000000n;

/**
 * Where damage, or another kernel's event ids, make a record too short for its event: the kernel reads on behind it, in
 * memory that is not the record's, and prints or even crashes over what it finds there; rbtool prints what an earlier
 * record left in the kernel's copy, or marks it, and goes on. Named in docs/events.md. By how many lines rbtool's text is
 * longer.
 */
const BEYOND_RECORD: ReadonlyMap<string, number> = new Map([
  ["7.3.4/from-v6.16-read", 0],
  ["7.3.4/from-v6.18-read", 10027],
  ["7.3.4/from-v7.0-read", 0],
  ["7.3.4/from-v7.1-rewind", 0],
  ["7.3.4/from-v7.2-live", 8937],
]);

/**
 * The build that read: the one that wrote the undamaged image of its damaged ones. A kernel knows its own formats and
 * symbols only, whoever wrote.
 */
const builds = new Map(
  cases.filter(({ patch }) => patch.length > 0).map(({ kernel, base }) => [kernel, new Dump(base)] as const),
);
const tally = { lines: 0, hashes: 0, hashable: 0, cases: 0 };

for (const { name, kernel, base, patch, trace_lines, trace_sha256 } of cases) {
  const reader = builds.get(kernel);
  if (reader === undefined || !textDumps.some(({ info }) => info.kernel === reader.info.kernel)) continue;
  test(`${name}: the lines that the kernel printed`, () => {
    const bytes = patched(new Dump(base).bytes(), patch);
    let image: Image;
    try {
      image = readImage(new MemorySource(bytes));
    } catch (error) {
      // Nothing left of it: the kernel makes an empty buffer.
      if (!(error instanceof NotAnImageError)) throw error;
      expect(trace_lines).toBe(12);
      return;
    }
    const got = traceFileOf(image, dumpContext(reader, image.layout.abi), {
      release: reader.info.kernel,
      onlineCpus: 2,
      text: TEXT,
    });
    const lines = got.split("\n").length - 1;
    const hash = createHash("sha256").update(Buffer.from(got, "latin1")).digest("hex");
    tally.cases++;
    if (lines === trace_lines) tally.lines++;
    const exact = !got.includes("ptrval");
    if (exact) tally.hashable++;
    if (exact && hash === trace_sha256) tally.hashes++;
    const beyond = BEYOND_RECORD.get(name);
    expect(lines - trace_lines!).toBe(beyond ?? 0);
    if (beyond !== undefined) expect(hash).not.toBe(trace_sha256);
    else if (exact) expect(hash).toBe(trace_sha256);
  });
}

if (!haveOracle) test.skip("no damaged images", () => {});

afterAll(() => {
  process.stderr.write(
    `oracle: ${tally.lines}/${tally.cases} with the kernel's number of lines; ${tally.hashes}/${tally.hashable} of those without hashed pointers are the same file\n`,
  );
});
