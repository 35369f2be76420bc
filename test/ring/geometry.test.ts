import { expect, test } from "@jest/globals";
import { subbufIndexAt } from "../../src/ring/geometry.js";

test("an address is a sub-buffer where one begins, from the first to the last", () => {
  const geometry = { buffersOffset: 8240, bootMetaSize: 24, cpuMetaSize: 32, subbufSize: 4096, nrSubbufs: 5 };
  const at = (distance: number) => subbufIndexAt(geometry, BigInt(distance));
  expect([-4096, 0, 4096, 4 * 4096, 5 * 4096, 6 * 4096].map(at)).toEqual([undefined, 0, 1, 4, undefined, undefined]);
  expect([-1, 1, 4095, 4097].map(at)).toEqual([undefined, undefined, undefined, undefined]);
});
