import { expect, test } from "@jest/globals";
import { kernelBehaviour } from "../../src/kernel/versions/kernel.js";
import type { MemoryKind } from "../../src/machine/memory-kind.js";
import { type MapRequest, PROT, USUAL_REQUEST, whoMayMap } from "../../src/user/who-may-map.js";

const BUFFER = { nrSubbufs: 62, pageSize: 4096 };

function errno(release: string, memory: MemoryKind, request: Partial<MapRequest> = {}) {
  return whoMayMap(kernelBehaviour(release), memory, { ...USUAL_REQUEST, ...request }, BUFFER).errno;
}

test("who may map, by kernel and memory", () => {
  expect(errno("6.12.107", "reserve_mem")).toBe("ENODEV");
  expect(errno("6.12.107", "ordinary")).toBeUndefined();
  expect(errno("6.16.12", "reserve_mem")).toBeUndefined();
  for (const release of ["6.16", "6.18.15", "7.3"]) expect(errno(release, "memmap")).toBe("ENODEV");
  expect(errno("6.19.6", "backup")).toBe("ENODEV");
  expect(errno("7.3", "reserve_mem")).toBeUndefined();
  expect(whoMayMap(kernelBehaviour("6.15.2"), "reserve_mem", USUAL_REQUEST, BUFFER).inferred).toBe(true);
  expect(whoMayMap(kernelBehaviour("6.12.8"), "reserve_mem", USUAL_REQUEST, BUFFER).unsafe).not.toBeUndefined();
});

test("protection, flags, offset and length are checked in __rb_map_vma()'s order", () => {
  const at = (request: Partial<MapRequest>) => errno("7.3", "reserve_mem", request);
  expect(at({ prot: PROT.read | PROT.write })).toBe("EPERM");
  expect(at({ prot: PROT.exec })).toBe("EPERM");
  expect(at({ type: "private" })).toBe("EPERM");
  expect(at({ prot: PROT.none })).toBeUndefined();
  expect(at({ pgoff: 62 })).toBeUndefined();
  expect(at({ pgoff: 63 })).toBe("EINVAL");
  const why = (pgoff: number) =>
    whoMayMap(kernelBehaviour("7.3"), "reserve_mem", { ...USUAL_REQUEST, pgoff, length: 2 * 4096 }, BUFFER).why;
  expect(why(62)).toBe("2 pages from page 62 on; the buffer has 63 with its meta page");
  expect(why(63)).toBe("the offset, page 63, is not among the 63 pages");
  expect(at({ length: 0 })).toBe("EINVAL");
  expect(at({ length: 63 * 4096 })).toBeUndefined();
  expect(at({ length: 63 * 4096 + 1 })).toBe("EINVAL");
  expect(at({ pgoff: 1, length: 63 * 4096 })).toBe("EINVAL");
  // Refused memory comes first; a length of 0 never gets so far.
  expect(errno("7.3", "memmap", { prot: PROT.write })).toBe("ENODEV");
  expect(errno("7.3", "memmap", { length: 0 })).toBe("EINVAL");
});

test("a file opened read-only is refused a shared writable mapping by mmap() itself", () => {
  const request = { ...USUAL_REQUEST, prot: PROT.read | PROT.write };
  const answer = whoMayMap(kernelBehaviour("7.3"), "reserve_mem", request, BUFFER);
  expect([answer.errno, answer.errnoReadOnlyFile]).toEqual(["EPERM", "EACCES"]);
});

test("late 6.12 loses the error of an ordinary buffer", () => {
  const request = { ...USUAL_REQUEST, type: "private" as const };
  expect(whoMayMap(kernelBehaviour("6.12.107"), "ordinary", request, BUFFER)).toMatchObject({
    allowed: true,
    swallowed: true,
    errno: "EPERM",
  });
  expect(whoMayMap(kernelBehaviour("6.12.94"), "ordinary", request, BUFFER).swallowed).toBe(false);
});
