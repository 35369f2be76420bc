import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { Scraps } from "../../src/export/scraps.js";
import { inUse } from "../support/in-use.js";

const whole = (scraps: Scraps, scrap: number): Buffer => Buffer.concat([...scraps.read(scrap)]);

/** Bytes that this process has asked to read, as Linux counts them. */
const bytesRead = (): number => Number(/^rchar: (\d+)/.exec(readFileSync("/proc/self/io", "utf8"))![1]);

test("each piece has what was added to it, in order, one character a byte", () => {
  const scraps = new Scraps();
  const [first, empty, last] = [scraps.begin(), scraps.begin(), scraps.begin()];
  for (let i = 0; i < 1000; i++) {
    scraps.add(first, `${i},`);
    scraps.add(last, `\xff${"long".repeat(2000)}`);
  }
  expect(whole(scraps, last).toString("latin1")).toBe(`\xff${"long".repeat(2000)}`.repeat(1000));
  expect(whole(scraps, empty).length).toBe(0);
  expect(whole(scraps, first).toString()).toBe(Array.from({ length: 1000 }, (_, i) => `${i},`).join(""));
  scraps.close();
});

/** More than the input's cache holds at once of what was put down. */
const TOTAL = 256 * 1024 * 1024;

(existsSync("/proc/self/io") ? test : test.skip)("what lies far apart in a file is read once", () => {
  const scraps = new Scraps();
  const all = Array.from({ length: 100 }, () => scraps.begin());
  const text = "a".repeat(16 * 1024);
  for (let size = 0; size < TOTAL; )
    for (const scrap of all) for (let i = 0; i < 2; i++, size += text.length) scraps.add(scrap, text);
  const before = bytesRead();
  let size = 0;
  let pieces = 0;
  for (const scrap of all)
    for (const { length } of scraps.read(scrap)) {
      size += length;
      pieces++;
    }
  expect(bytesRead() - before).toBeLessThan(1.1 * size);
  expect(size).toBeGreaterThanOrEqual(TOTAL);
  // Handed on in pieces that are worth it.
  expect(size / pieces).toBeGreaterThan(64 * 1024);
  scraps.close();
});

test("in how many places the texts of many pieces lie costs no memory", () => {
  const scraps = new Scraps();
  const all = Array.from({ length: 50_000 }, () => scraps.begin());
  const round = (number: number) => {
    for (const scrap of all) scraps.add(scrap, `${number} of ${scrap}${".".repeat(100)}`);
  };
  round(0);
  const before = inUse();
  for (let number = 1; number < 40; number++) round(number);
  // Some 1.3 million places.
  expect(inUse() - before).toBeLessThan(20 * 1024 * 1024);
  for (const scrap of [0, 33_333, 49_999])
    expect(whole(scraps, scrap).toString()).toBe(
      Array.from({ length: 40 }, (_, number) => `${number} of ${scrap}${".".repeat(100)}`).join(""),
    );
  scraps.close();
});
