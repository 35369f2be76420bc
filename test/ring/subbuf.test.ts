import { expect, test } from "@jest/globals";
import { Bytes } from "../../src/ground/bytes.js";
import { SubbufReader } from "../../src/ring/subbuf.js";
import { BE64, LE32, LE64 } from "../support/made-events.js";

const SIZE = 4096;
const MISSED = 0x8000_0000n;
const STORED = 0x4000_0000n;

function headerOf(abi: typeof LE64, commit: bigint, stored?: bigint) {
  const bytes = new Uint8Array(SIZE);
  const view = new DataView(bytes.buffer);
  const put = (at: number, value: bigint): void =>
    abi.longSize === 8
      ? view.setBigUint64(at, BigInt.asUintN(64, value), abi.littleEndian)
      : view.setUint32(at, Number(value), abi.littleEndian);
  put(8, commit);
  if (stored !== undefined) put(8 + abi.longSize + Number(commit & 0x3fffffffn), stored);
  return new SubbufReader(abi, SIZE).header(new Bytes(bytes, abi));
}

test.each([LE64, BE64, LE32])("$littleEndian, words of $longSize: commit holds the size, and two flags", (abi) => {
  expect(headerOf(abi, 100n)).toMatchObject({ size: 100, missedEvents: false, missedStored: false });
  expect(headerOf(abi, 100n | MISSED)).toMatchObject({ size: 100, missedEvents: true, missedStored: false });
  expect(headerOf(abi, 100n | MISSED | STORED, 7n)).toMatchObject({ size: 100, missedEvents: true, missedCount: 7n });
});

test("of the upper half, all ones with RB_MISSED_EVENTS are its sign; anything else is damage, and no size", () => {
  const signed = (low: bigint) => (0xffff_ffffn << 32n) | low;
  expect(headerOf(LE64, signed(100n | MISSED))).toMatchObject({ size: 100, missedEvents: true });
  const { capacity } = new SubbufReader(LE64, SIZE);
  for (const commit of [signed(100n), (1n << 32n) | 100n, (0xffff_fffen << 32n) | 100n | MISSED])
    expect(headerOf(LE64, commit).size).toBeGreaterThan(capacity);
});
