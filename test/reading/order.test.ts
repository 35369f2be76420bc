import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { CpuArea, SubbufRef } from "../../src/image/cpu-area.js";
import { ROLES, writerOrder } from "../../src/reading/order.js";

const NR = 6;
const ref = (id: number): SubbufRef => ({ id, index: id });
/** As much of a CPU as its order is told by; sub-buffers lie in the order of their ids. */
function cpuOf(head: number | undefined, commit: number | undefined, live: readonly number[]): CpuArea {
  return {
    nrSubbufs: NR,
    indexById: Int32Array.from({ length: NR }, (_, id) => id),
    head: head === undefined ? undefined : ref(head),
    commit: commit === undefined ? undefined : ref(commit),
    live,
  } as CpuArea;
}

const idsOf = (cpu: CpuArea) => [...writerOrder(cpu).ids];

test("consumed sub-buffers from the writer on, the reader page, then head to commit", () => {
  const { ids, roles } = writerOrder(cpuOf(5, 2, [0, 5, 1, 2]));
  expect(Array.from(roles, (role, i) => `${ids[i]} ${ROLES[role]}`)).toEqual([
    "3 consumed",
    "4 consumed",
    "0 reader",
    "5 unread",
    "1 unread",
    "2 unread",
  ]);
  expect(idsOf(cpuOf(3, 0, [0]))).toEqual([3, 4, 5, 1, 2, 0]);
  expect(idsOf(cpuOf(3, undefined, []))).toEqual([1, 2, 0, 3, 4, 5]);
});

test("whatever is lost of head and commit, each sub-buffer has one place", () => {
  const id = fc.option(fc.nat(NR - 1), { nil: undefined });
  fc.assert(
    fc.property(id, id, fc.subarray([0, 1, 2, 3, 4, 5]), (head, commit, live) => {
      const { ids, roles } = writerOrder(cpuOf(head, commit, live));
      expect([...ids].sort()).toEqual([0, 1, 2, 3, 4, 5]);
      expect([...ids].filter((_, i) => ROLES[roles[i]!] === "reader")).toEqual([0]);
    }),
    { seed: 9, numRuns: 500 },
  );
});
