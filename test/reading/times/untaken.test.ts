import { describe, expect, test } from "@jest/globals";
import { kernelsFor } from "../../../src/compare/outcome.js";
import { readingOf } from "../../../src/reading/reading.js";
import type { SubbufReading } from "../../../src/reading/subbuf-reading.js";
import { fixture } from "../../support/images.js";
import { eventsOf, offsetsOf, open, salvaged } from "../../support/salvaged.js";

/** Of kernels whose readers leave what they take as it is, and zero its commit. */
const IMAGES = ["v7.1-rewind", "v6.12-rewind"];
const CPU = 1;

/** An image whose head stands so many sub-buffers too far on, after another change to its CPU's unread sub-buffers. */
function withHead(name: string, by: number, change: (view: DataView, unread: readonly SubbufReading[]) => void) {
  const bytes = fixture(name).bytes().slice();
  const view = new DataView(bytes.buffer);
  const { cpu, unread } = readingOf(open(bytes)).cpus[CPU]!;
  const events = new Set(offsetsOf(eventsOf(bytes)));
  const { offset } = cpu.meta!.spans.head_buffer;
  view.setBigUint64(offset, view.getBigUint64(offset, true) + BigInt(by * cpu.subbufSize), true);
  change(view, unread);
  return { bytes, unread, events };
}

/** How many of the events are read of the damaged image, or kept by a kernel, and not salvaged. */
function lacking(bytes: Uint8Array, events: ReadonlySet<number>): number {
  const found = new Set(salvaged(bytes).offsets);
  const readers = [undefined, ...kernelsFor(open(bytes)).map(({ kernel }) => kernel.release)];
  const shown = readers.flatMap((release) => offsetsOf(eventsOf(bytes, release ? { asKernel: { release } } : {})));
  return new Set(shown.filter((offset) => events.has(offset) && !found.has(offset))).size;
}

const unreadOf = (bytes: Uint8Array): number => readingOf(open(bytes)).cpus[CPU]!.unread.length;

describe.each(IMAGES)("%s: what no reader took is unread, wherever the head stands", (name) => {
  test.each([1, 4, 8])("one of %d sub-buffers behind the head has lost its first event's type", (by) => {
    let first = 0;
    const { bytes, unread, events } = withHead(name, by, (view, pages) => {
      const { offset } = pages[1 + (by >> 1)]!;
      first = offset + 16;
      view.setUint32(first + 4, 0, true);
    });
    events.delete(first);
    expect(unreadOf(bytes)).toBe(unread.length);
    expect(lacking(bytes, events)).toBe(0);
  });

  test.each([1, 4, 8])("of one of %d a delta is too large, and it breaks off behind that", (by) => {
    const lost: number[] = [];
    const { bytes, unread, events } = withHead(name, by, (view, pages) => {
      const first = pages[1 + (by >> 1)]!.offset + 16;
      const word = view.getUint32(first, true);
      const second = first + 4 + 4 * (word & 31);
      lost.push(first, second);
      view.setUint32(first, (word | (0x7ffffff << 5)) >>> 0, true);
      view.setUint32(second + 4, 0, true);
    });
    for (const offset of lost) events.delete(offset);
    expect(unreadOf(bytes)).toBe(unread.length);
    expect(lacking(bytes, events)).toBe(0);
  });

  test.each([1, 4, 8])("one of %d has lost its commit", (by) => {
    const { bytes, unread, events } = withHead(name, by, (view, pages) =>
      view.setBigUint64(pages[1 + (by >> 1)]!.offset + 8, 0n, true),
    );
    expect(unreadOf(bytes)).toBe(unread.length);
    expect(lacking(bytes, events)).toBe(0);
  });

  test.each([1, 4, 8])("the reader page's time stamp is too late, with %d sub-buffers behind the head", (by) => {
    for (const late of [1n << 31n, 1n << 60n]) {
      const { bytes, unread, events } = withHead(name, by, (view, [reader]) =>
        view.setBigUint64(reader!.offset, reader!.header.timeStamp + late, true),
      );
      expect(unreadOf(bytes)).toBe(unread.length);
      expect(lacking(bytes, events)).toBe(0);
    }
  });

  test.each([1, 4, 8])("a delta of the reader page is too large, with %d sub-buffers behind the head", (by) => {
    let first = 0;
    const { bytes, unread, events } = withHead(name, by, (view, [reader]) => {
      first = reader!.offset + 16;
      view.setUint32(first, (view.getUint32(first, true) | (0x7ffffff << 5)) >>> 0, true);
    });
    events.delete(first);
    expect(unreadOf(bytes)).toBe(unread.length);
    expect(lacking(bytes, events)).toBe(0);
  });

  test("the reader page's time stamp alone: what was taken stays taken", () => {
    const { bytes, unread } = withHead(name, 0, (view, [reader]) =>
      view.setBigUint64(reader!.offset, reader!.header.timeStamp | (1n << 60n), true),
    );
    expect(unreadOf(bytes)).toBe(unread.length);
  });
});
