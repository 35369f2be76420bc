import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { mostCpusFor, nrSubbufsFor, subbufIndexAt } from "../../src/ring/geometry.js";

test("an address is a sub-buffer where one begins, from the first to the last", () => {
  const geometry = { buffersOffset: 8240, bootMetaSize: 24, cpuMetaSize: 32, subbufSize: 4096, nrSubbufs: 5 };
  const at = (distance: number) => subbufIndexAt(geometry, BigInt(distance));
  expect([-4096, 0, 4096, 4 * 4096, 5 * 4096, 6 * 4096].map(at)).toEqual([undefined, 0, 1, 4, undefined, undefined]);
  expect([-1, 1, 4095, 4097].map(at)).toEqual([undefined, undefined, undefined, undefined]);
});

test("the most CPUs that get so many sub-buffers: one more, and the kernel gives each fewer", () => {
  fc.assert(
    fc.property(
      fc.constantFrom({ boot: 24, cpu: 32 }, { boot: 24, cpu: 40 }, { boot: 0, cpu: 56 }),
      fc.integer({ min: 0, max: 3000 }),
      fc.constantFrom(4096, 16384, 65536, 262144),
      fc.oneof(fc.integer({ min: 1, max: 2 ** 22 }), fc.integer({ min: 2 ** 22, max: 2 ** 42 })),
      fc.integer({ min: 1, max: 8192 }),
      ({ boot, cpu }, words, subbufSize, totalSize, cpus) => {
        const buffersOffset = boot === 0 ? 0 : boot + 8 * words;
        const place = { buffersOffset, bootMetaSize: boot, cpuMetaSize: cpu, subbufSize };
        const nrSubbufs = nrSubbufsFor(totalSize, cpus, place);
        if (nrSubbufs === undefined) return;
        const most = mostCpusFor(totalSize, { ...place, nrSubbufs });
        expect(most).toBeGreaterThanOrEqual(cpus);
        expect(nrSubbufsFor(totalSize, most, place)).toBe(nrSubbufs);
        expect(nrSubbufsFor(totalSize, most + 1, place) ?? 0).toBeLessThan(nrSubbufs);
      },
    ),
    { numRuns: 3000 },
  );
});
