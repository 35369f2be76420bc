import { expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { salvageImage } from "../../src/report/recover.js";
import { fixture } from "../support/images.js";

const BYTES = fixture("v7.3-read").bytes();

/** Pages of the report that are said to have estimated times. */
function estimated(bytes: Uint8Array) {
  const { report } = salvageImage(readImage(new MemorySource(bytes)), {}, "-", false);
  return report.cpus.flatMap(({ cpu, pages }) =>
    [...pages].flatMap(({ offset, kept, timeEstimated }) => (timeEstimated ? [{ cpu, offset, kept }] : [])),
  );
}

test("times are estimated where a sub-buffer that is kept has lost its own, and nowhere else", () => {
  expect(estimated(BYTES)).toEqual([]);
  const [cpu] = readImage(new MemorySource(BYTES)).cpus;
  const id = cpu!.live[3]!;
  const offset = cpu!.subbufsOffset + cpu!.indexById[id]! * cpu!.subbufSize;
  const torn = BYTES.slice();
  torn.fill(0, offset, offset + 8);
  expect(estimated(torn)).toEqual([{ cpu: 0, offset, kept: true }]);
});
