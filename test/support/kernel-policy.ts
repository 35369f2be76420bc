import type { ReadPolicy } from "../../src/events/ring-iter.js";

/** As a kernel's iterator reads, which gives up for once after three steps without an event. */
export const AS_KERNEL: ReadPolicy = {
  littleEndian: true,
  origin: { hi: 0, lo: 0, value: 0n },
  maxSteps: 3,
  pageLost: true,
  firstLost: false,
};
