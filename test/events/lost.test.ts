import { expect, test } from "@jest/globals";
import { LE64, madeImage, madeLines, payload } from "../support/made-events.js";

const event = (text: string): Uint8Array => payload(LE64, 5, 0, [[8, 0xffffffff81001000n], `${text}\n`]);

test("CPUs are merged in time order; at the same time the lower CPU comes first", () => {
  const bytes = madeImage(LE64, [
    (page) => page.event(10, event("a")).event(20, event("b")),
    (page) => page.event(10, event("c")).event(5, event("d")),
  ]);
  expect(madeLines(bytes).map((line) => line.slice(-1))).toEqual(["a", "c", "d", "b"]);
});

test("time extends and absolute time stamps move the time", () => {
  const bytes = madeImage(LE64, [
    (page) =>
      page
        .event(0, event("a"))
        .timeExtend(5_000_000_000n)
        .event(0, event("b"))
        .timeStamp(9_000_000_000n)
        .event(0, event("c"))
        .padding(16)
        .event(1000, event("d")),
  ]);
  expect(madeLines(bytes).map((line) => /([0-9.]+): first/.exec(line)![1])).toEqual([
    "1.000000",
    "6.000000",
    "9.000000",
    "9.000001",
  ]);
});

test("a page's missed-events flag becomes a line of its own", () => {
  const bytes = madeImage(LE64, [
    (page) => {
      page.event(0, event("a"));
    },
  ]);
  // Bit 31 of the commit of the only page with data.
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 16 <= bytes.length; at += 4096)
    if (view.getBigUint64(at, true) === 1_000_000_000n)
      view.setUint32(at + 8, view.getUint32(at + 8, true) | 0x80000000, true);
  expect(madeLines(bytes)).toEqual([
    "CPU:0 [LOST EVENTS]",
    "          <idle>-0       [000] .....     1.000000: first_function: a",
  ]);
});

test("a record that cannot be ends its page, not the trace", () => {
  const bytes = madeImage(LE64, [
    (page) => page.event(0, event("a")).word(0, 5).u32(0x7fffffff).u32(0),
    (page) => page.event(100, event("b")),
  ]);
  expect(madeLines(bytes).map((line) => line.slice(-1))).toEqual(["a", "b"]);
});

test("raw data that fills the kernel's buffer is cut there, with no room left to say so, nor to end the line", () => {
  const raw = payload(LE64, 19, 1, [[4, 1], new Uint8Array(3600).fill(0xaa)]);
  const bytes = madeImage(LE64, [(page) => page.event(0, raw).event(0, event("next"))]);
  const lines = madeLines(bytes, { asKernel: { release: "7.3.4" } });
  expect(lines).toHaveLength(1);
  const [, cut] = /^(.*?# 1 buf:(?: aa)+) +<idle>-0 .*: next$/.exec(lines[0]!)!;
  expect(cut!.length).toBeLessThan(8156);
  expect(cut!.length + 3).toBeGreaterThanOrEqual(8156);
  // Without a kernel to look like, nothing is cut.
  expect(madeLines(bytes)).toHaveLength(2);
});
