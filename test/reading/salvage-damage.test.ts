import { describe, expect, test } from "@jest/globals";
import { kernelsFor } from "../../src/compare/outcome.js";
import { readingOf } from "../../src/reading/reading.js";
import type { SubbufReading } from "../../src/reading/subbuf-reading.js";
import { fixture } from "../support/images.js";
import { eventsOf, offsetsOf, open, salvaged } from "../support/salvaged.js";

/** Real images of kernels that empty a CPU, and that drop a sub-buffer; each CPU's unread sub-buffers follow each other in time. */
const IMAGES = ["v6.12-rewind", "v7.3-read"];

/** Damages only times; gives how many events that a kernel keeps, or `events` shows, salvage lacks. */
function lacking(bytes: Uint8Array): number {
  const found = new Set(salvaged(bytes).offsets);
  const readers = [undefined, ...kernelsFor(open(bytes)).map(({ kernel }) => kernel.release)];
  const shown = readers.flatMap((release) => offsetsOf(eventsOf(bytes, release ? { asKernel: { release } } : {})));
  return new Set(shown.filter((offset) => !found.has(offset))).size;
}

/** The stored time stamps of sub-buffers that follow each other. */
class Stamps {
  constructor(
    private readonly view: DataView,
    private readonly pages: readonly SubbufReading[],
  ) {}

  get count(): number {
    return this.pages.length;
  }

  time(i: number): bigint {
    return this.pages[i]!.header.timeStamp;
  }

  end(i: number): bigint {
    return this.pages[i]!.lastTime!;
  }

  set(i: number, time: bigint): void {
    this.view.setBigUint64(this.pages[i]!.offset, time, true);
  }
}

/** The image, and its first CPU's unread sub-buffers. */
function damaged(name: string, change: (stamps: Stamps) => void): Uint8Array {
  const bytes = fixture(name).bytes().slice();
  const { unread } = readingOf(open(bytes)).cpus[0]!;
  change(new Stamps(new DataView(bytes.buffer), unread));
  return bytes;
}

describe.each(IMAGES)("%s: times that are damaged cost no event", (name) => {
  const places = [3, 8];

  test.each(places)("a time stamp so late that the last events are later than the next sub-buffer begins (%d)", (i) => {
    const bytes = damaged(name, (stamps) => stamps.set(i, stamps.time(i + 1) - 1n));
    expect(lacking(bytes)).toBe(0);
  });

  test.each(places)("a time stamp so early that it lies within the sub-buffer before (%d)", (i) => {
    const bytes = damaged(name, (stamps) => stamps.set(i + 1, stamps.time(i) + 1n));
    expect(lacking(bytes)).toBe(0);
  });

  test.each(places)("two that are the same, and none between them: salvaging again changes nothing (%d)", (i) => {
    const bytes = damaged(name, (stamps) => {
      stamps.set(i + 1, 1n << 60n);
      stamps.set(i + 2, stamps.time(i));
    });
    expect(lacking(bytes)).toBe(0);
  });
});
