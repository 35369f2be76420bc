import { expect, test } from "@jest/globals";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { parseTraceOptions } from "../../src/text/trace-options.js";
import { formatText } from "../support/formats.js";
import { LE64, madeImage, madeLines, payload } from "../support/made-events.js";

/** TRACE_SEQ_BUFFER_SIZE on 64 bits. */
const SIZE = 8156;

/** What a kernel prints, field by field, of an event with this dynamic field and its bytes, and of one with a single byte. */
function printed(field: string, bytes: Uint8Array): string {
  const format = parseFormat(formatText([[`__data_loc ${field}`, 8, 4, 0]], '""', "long_one"), LE64);
  const event = (data: Uint8Array) => payload(LE64, format.id, 7, [[4, 12 | (data.length << 16)], data]);
  const image = madeImage(LE64, [(page) => page.event(0, event(bytes)).event(1000, event(Uint8Array.of(0x41)))]);
  const options = { asKernel: { release: "7.2.13" }, traceOptions: parseTraceOptions("fields,nohash-ptr") };
  return madeLines(image, options, { formats: new Map([[format.id, format]]) }).join("\n");
}

const HEAD = /^.*?: long_one: s=/;

test("a string of control characters fills the kernel's line to its last byte, and the next line begins behind it", () => {
  const text = printed("char[] s", new Uint8Array(2077).fill(1));
  const head = HEAD.exec(text)![0].length;
  const whole = `${".".repeat(2077)} (${Array(2077).fill("01").join(":")})\n`;
  // A pair of digits is not begun where its NUL has no room; a colon has none.
  const kept = text.slice(head, text.indexOf("<...>", head)).trimEnd();
  expect(whole.startsWith(kept)).toBe(true);
  expect(head + kept.length).toBeLessThanOrEqual(SIZE);
  expect(head + kept.length).toBeGreaterThan(SIZE - 3);
  expect(text.slice(head + kept.length)).toMatch(/^ +<\.\.\.>-7 .*: long_one: s=A$/);
});

test("so does one that has no room for its characters", () => {
  const text = printed("char[] s", new Uint8Array(3500).fill(1));
  const head = HEAD.exec(text)![0].length;
  expect(text.slice(head, head + 3502)).toBe(`${".".repeat(3500)} (`);
  expect(text.split("\n")).toHaveLength(1);
});

test("and an array", () => {
  const text = printed("u8[] s", new Uint8Array(3000).fill(0xab));
  const head = HEAD.exec(text)![0].length;
  const kept = text.slice(head).replace(/ +<\.\.\.>-7 .*$/, "");
  expect(kept).toMatch(/^(ab,)+(ab)?$/);
  expect(head + kept.length).toBeGreaterThan(SIZE - 3);
  expect(text).toMatch(/: long_one: s=41$/);
});
