import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { NotAnImageError } from "../../src/ground/errors.js";
import { openImage } from "../../src/index.js";
import { dissectSubbuf } from "../../src/reading/anatomy.js";
import { inspect } from "../../src/report/inspect.js";
import { fixture, fixtureImages } from "../support/images.js";

/** The report, or undefined where the bytes are no image any more. Anything else thrown fails the test. */
async function inspectBytes(bytes: Uint8Array) {
  try {
    return inspect(await openImage(bytes), { pages: true });
  } catch (error) {
    if (error instanceof NotAnImageError) return undefined;
    throw error;
  }
}

test("a changed byte anywhere in the metas leaves the layout, and the CPUs that were not hit, as they are", async () => {
  for (const name of ["v7.3-read", "v6.12-rewind", "s390x-7.2-few", "armhf-7.2-few"]) {
    const bytes = fixture(name).bytes();
    const whole = (await inspectBytes(bytes))!;
    const spots = Array.from({ length: whole.bootMeta?.length ?? 0 }, (_, i) => ({ at: i, cpu: -1 }));
    for (const cpu of whole.cpus)
      for (let i = 0; i < cpu.meta!.length; i++) spots.push({ at: cpu.meta!.offset + i, cpu: cpu.cpu });
    for (const { at, cpu } of spots) {
      for (const value of [0xff, bytes[at]! ^ 0x01, bytes[at]! ^ 0x80]) {
        const changed = bytes.slice();
        changed[at] = value;
        const report = await inspectBytes(changed);
        expect({ at, layout: report?.layout }).toEqual({ at, layout: whole.layout });
        const events = report!.cpus.filter((other) => other.cpu !== cpu).map((other) => other.events);
        expect({ at, events }).toEqual({
          at,
          events: whole.cpus.filter((other) => other.cpu !== cpu).map((other) => other.events),
        });
      }
    }
  }
});

test("a CPU whose whole meta is garbage is still found, and so are the others", async () => {
  for (const real of fixtureImages) {
    const bytes = real.bytes();
    const whole = (await inspectBytes(bytes))!;
    for (const cpu of whole.cpus) {
      for (const fill of [0x00, 0xa5, 0xff]) {
        const changed = bytes.slice();
        changed.fill(fill, cpu.meta!.offset, cpu.meta!.offset + cpu.meta!.length + 4 * cpu.subbufs.count);
        const report = (await inspectBytes(changed))!;
        expect({ image: real.name, layout: report?.layout }).toEqual({ image: real.name, layout: whole.layout });
        expect(report.diagnostics.some(({ severity }) => severity === "error")).toBe(true);
        const other = 1 - cpu.cpu;
        expect(report.cpus[other]!.events).toBe(whole.cpus[other]!.events);
      }
    }
  }
});

test("any damage: only the typed errors, and every page still accounted for", async () => {
  const images = fixtureImages.map((real) => ({ name: real.name, bytes: real.bytes() }));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...images),
      fc.array(
        fc.tuple(
          fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
          fc.uint8Array({ minLength: 1, maxLength: 64 }),
        ),
        { minLength: 1, maxLength: 5 },
      ),
      fc.boolean(),
      async (real, patches, inMetas) => {
        const bytes = real.bytes.slice();
        for (const [place, patch] of patches) {
          const at = Math.floor(place * (inMetas ? 0x2200 : bytes.length));
          bytes.set(patch.subarray(0, bytes.length - at), at);
        }
        const report = await inspectBytes(bytes);
        for (const cpu of report?.cpus ?? []) {
          expect(cpu.pages).toHaveLength(cpu.subbufs.count);
          expect(new Set(cpu.pages!.map(({ index }) => index)).size).toBe(cpu.subbufs.count);
        }
      },
    ),
    { numRuns: 150 },
  );
});

test("truncated at any length: what is there is read", async () => {
  const bytes = fixture("v7.3-read").bytes();
  const whole = (await inspectBytes(bytes))!;
  const lengths = [
    0,
    1,
    3,
    7,
    8,
    23,
    24,
    31,
    32,
    100,
    0x2030,
    0x2031,
    0x2050,
    0x2150,
    0x3000,
    0x3001,
    0x300f,
    0x3011,
    0x41000,
    0x41010,
    bytes.length - 1,
  ];
  for (let length = 5000; length < bytes.length; length += 19973) lengths.push(length);
  for (const length of lengths) {
    const report = await inspectBytes(bytes.subarray(0, length));
    if (length >= 0x2150) {
      expect(report?.layout.cpus).toBe(2);
      expect(report!.diagnostics.map(({ code }) => code)).toContain("image-truncated");
    }
    if (length > 0x41000 + 1000) expect(report!.cpus[0]!.events).toBe(whole.cpus[0]!.events);
  }
});

test("the parts of a sub-buffer follow each other without a gap, damaged or not", async () => {
  const bytes = fixture("v7.3-read").bytes();
  await fc.assert(
    fc.asyncProperty(
      fc.nat(61),
      fc.nat(4095),
      fc.uint8Array({ minLength: 0, maxLength: 16 }),
      fc.nat(4096),
      async (index, at, patch, cut) => {
        const changed = bytes.slice();
        const image0 = await openImage(changed);
        const offset = image0.cpus[0]!.subbufsOffset + index * 4096;
        changed.set(patch.subarray(0, changed.length - offset - at), offset + at);
        const image = await openImage(cut < 64 ? changed.subarray(0, offset + cut * 64) : changed);
        const { page, parts } = dissectSubbuf(image, image.cpus[0]!, index);
        let next = offset;
        for (const part of parts) {
          expect(part.offset).toBe(next);
          expect(part.length).toBeGreaterThan(0);
          next += part.length;
        }
        expect(next).toBe(offset + page.length);
      },
    ),
    { numRuns: 60 },
  );
});

test("a wrong commit of the writer's own page: the records in front of it are read all the same", async () => {
  const bytes = fixture("armhf-7.2-few").bytes();
  const whole = (await inspectBytes(bytes))!;
  const { subbufs } = whole.cpus[0]!;
  const commitAt = subbufs.offset + 4096 + 8;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  expect({ committed: view.getUint32(commitAt, true), events: whole.cpus[0]!.events }).toEqual({
    committed: 0x50,
    events: 3,
  });
  // Beyond the sub-buffer; inside of it; in the middle of a record: with few events nothing is known of what others are like.
  for (const [commit, code] of [
    [0x10000050, "subbuf-commit"],
    [0x1050, "subbuf-commit"],
    [0x48, "subbuf-commit"],
    [0x850, "record-bad-length"],
    [0x54, "record-truncated"],
    [0xff4, "record-bad-length"],
  ] as const) {
    view.setUint32(commitAt, commit, true);
    const report = (await inspectBytes(bytes))!;
    const codes = report.diagnostics.map((found) => found.code);
    expect({ commit, events: report.cpus[0]!.events, codes }).toEqual({ commit, events: 3, codes: [code] });
  }
});

test("a pointer that moves many sub-buffers is one place", async () => {
  const bytes = fixture("v7.3-read").bytes();
  const { cpus } = (await inspectBytes(bytes))!;
  // CPU 1's commit_buffer, which lies behind first_buffer and head_buffer: its second byte.
  bytes[cpus[1]!.meta!.offset + 17] = 0xe0;
  const { diagnostics, cpus: found } = (await inspectBytes(bytes))!;
  expect(found.map(({ events }) => events)).toEqual(cpus.map(({ events }) => events));
  expect(diagnostics).toMatchObject([{ code: "subbuf-order", cpu: 1, subbuf: 55 }]);
  expect(diagnostics[0]!.message).toContain("those of the 55 behind it, to @49,");
});

test("two sub-buffers whose entries of buffers[] are exchanged are two places", async () => {
  const bytes = fixture("v7.3-read").bytes();
  const { cpus } = (await inspectBytes(bytes))!;
  const entries = cpus[0]!.meta!.offset + cpus[0]!.meta!.length;
  const swapped = bytes.slice();
  swapped.set(bytes.subarray(entries + 4 * 10, entries + 4 * 11), entries + 4 * 20);
  swapped.set(bytes.subarray(entries + 4 * 20, entries + 4 * 21), entries + 4 * 10);
  const { diagnostics } = (await inspectBytes(swapped))!;
  expect(diagnostics.map(({ code }) => code)).toEqual(["subbuf-order", "subbuf-order"]);
});
