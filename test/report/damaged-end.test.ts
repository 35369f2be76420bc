import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { NotAnImageError } from "../../src/ground/errors.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { last } from "../../src/report/last.js";
import { latency } from "../../src/report/latency.js";
import { timeline } from "../../src/report/timeline.js";
import { writingKernel } from "../../src/system/writing-kernel.js";
import { openTrace } from "../../src/trace/open.js";
import { fixture } from "../support/images.js";
import { dumpContext } from "../support/kernel-text.js";
import { schemaOf } from "../support/schema.js";

const DUMP = fixture("v7.3-read");
const BYTES = DUMP.bytes();
const WRITER = writingKernel(dumpContext(DUMP));
const [LAST, LATENCY, TIMELINE] = [schemaOf("last"), schemaOf("latency"), schemaOf("timeline")];

test("whatever the memory holds, the reports come to an end and fit their schemas", () => {
  const damage = fc.array(fc.tuple(fc.nat(BYTES.length - 1), fc.nat(255)), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(damage, (bytes) => {
      const damaged = BYTES.slice();
      for (const [at, value] of bytes) damaged[at] = value;
      let image: ReturnType<typeof readImage>;
      try {
        image = readImage(new MemorySource(damaged));
      } catch (error) {
        expect(error).toBeInstanceOf(NotAnImageError);
        return;
      }
      const trace = openTrace(image, WRITER, { sure: true, gaps: true });
      const plain = (report: object): unknown => JSON.parse(JSON.stringify(report));
      expect(LAST(plain(last(trace, 3)))).toEqual([]);
      expect(LATENCY(plain(latency(trace, { begin: "sys_enter", end: "sys_exit", key: ["id"] })))).toEqual([]);
      expect(TIMELINE(plain(timeline(trace, 50, {})))).toEqual([]);
    }),
    { numRuns: 15, seed: 15 },
  );
}, 120_000);
