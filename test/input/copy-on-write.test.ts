import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { CopyOnWrite } from "../../src/input/copy-on-write.js";
import { MadeSource, MemorySource, type Source } from "../../src/input/source.js";

/** No multiple of anything, and larger than what is looked at together. */
const SIZE = 3 * 65536 + 1234;
const ORIGINAL = Uint8Array.from({ length: SIZE - 700 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

const place = fc.oneof(fc.nat(SIZE - 1), fc.constantFrom(0, 4094, 4096, 65532, 65536, SIZE - 8, SIZE - 701));
const change = fc.oneof(
  fc.record({ kind: fc.constant("u32" as const), at: place, value: fc.integer({ min: 0, max: 0xffffffff }) }),
  fc.record({ kind: fc.constant("u64" as const), at: place, value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
  fc.record({ kind: fc.constant("bytes" as const), at: place, value: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({ kind: fc.constant("zero" as const), at: place, value: fc.nat(20000) }),
);

test("it reads as a plain copy does that is written alike, in whatever order", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), fc.boolean(), (changes, littleEndian) => {
      const area = new CopyOnWrite(new MemorySource(ORIGINAL), SIZE);
      const plain = new Uint8Array(SIZE);
      plain.set(ORIGINAL);
      const view = new DataView(plain.buffer);
      for (const { kind, at, value } of changes) {
        if (kind === "u32" && at + 4 <= SIZE) {
          area.setU32(at, value, littleEndian);
          view.setUint32(at, value, littleEndian);
          expect(area.u32(at, littleEndian)).toBe(value);
        } else if (kind === "u64" && at + 8 <= SIZE) {
          area.setU64(at, value, littleEndian);
          view.setBigUint64(at, value, littleEndian);
          expect(area.u64(at, littleEndian)).toBe(value);
        } else if (kind === "bytes" && at + value.length <= SIZE) {
          area.write(at, value);
          plain.set(value, at);
        } else if (kind === "zero") {
          area.zero(at, Math.min(SIZE, at + value));
          plain.fill(0, at, Math.min(SIZE, at + value));
        }
        for (const near of [at - 3, at, at + 1, at + 60]) {
          if (near < 0 || near + 8 > SIZE) continue;
          expect(area.u32(near, littleEndian)).toBe(view.getUint32(near, littleEndian));
          expect(area.u64(near, littleEndian)).toBe(view.getBigUint64(near, littleEndian));
        }
      }
      expect(Buffer.compare(area.read(0), plain)).toBe(0);
      expect(Buffer.compare(Buffer.concat(Array.from(area.pieces(), (piece) => piece.slice())), plain)).toBe(0);
      for (const step of [777, 5000])
        for (let at = 0; at < SIZE; at += step)
          expect(Buffer.compare(area.look(at, step), plain.subarray(at, at + step))).toBe(0);
      const untouched = new Uint8Array(SIZE);
      untouched.set(ORIGINAL);
      for (const { at, length } of area.touched())
        expect(Buffer.compare(area.lookBefore(at, length), untouched.subarray(at, at + length))).toBe(0);
      for (const { at, length } of area.touched()) untouched.set(area.read(at, length), at);
      expect(Buffer.compare(untouched, plain)).toBe(0);
    }),
  );
});

test("a read ends at the end; a word or a write beyond it is refused", () => {
  const area = new CopyOnWrite(new MemorySource(ORIGINAL), SIZE);
  expect(area.read(SIZE - 3, 10)).toHaveLength(3);
  expect(area.read(SIZE + 3, 10)).toHaveLength(0);
  for (const wrong of [
    () => area.u32(SIZE - 3, true),
    () => area.u32(-1, true),
    () => area.setU64(SIZE - 7, 0n, true),
    () => area.zero(SIZE - 1, SIZE + 1),
  ])
    expect(wrong).toThrow(RangeError);
});

test("a word that already stands there is no change", () => {
  const area = new CopyOnWrite(new MemorySource(ORIGINAL), SIZE);
  for (const littleEndian of [true, false])
    for (const at of [0, 60, 4092, 65532, SIZE - 702, SIZE - 8]) {
      area.setU32(at, area.u32(at, littleEndian), littleEndian);
      area.setU32(at, area.u32(at, littleEndian) | 0, littleEndian);
      area.setU64(at, area.u64(at, littleEndian), littleEndian);
      area.setU64(at, area.u64(at, littleEndian) - 2n ** 64n, littleEndian);
    }
  expect([...area.touched()]).toEqual([]);
});

/** Zeros, of any size. */
class Sparse extends MadeSource implements Source {
  readonly name = "sparse";
  readonly notes = [];
  readonly holes = [];
  readonly physicalStart = undefined;
  constructor(readonly size: number) {
    super();
  }
  read(offset: number, length: number): Uint8Array {
    return new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
  }
  /** Takes no memory: what is measured is that of the copy. */
  override readInto(bytes: Uint8Array, offset: number): number {
    const length = Math.max(0, Math.min(bytes.length, this.size - offset));
    bytes.fill(0, 0, length);
    return length;
  }
  close(): void {}
}

test("memory is taken by what changed: the headers of 128 thousand sub-buffers of 512 MiB, and as many zeros", () => {
  const size = 512 * 1024 ** 2;
  const area = new CopyOnWrite(new Sparse(size), size);
  const before = process.memoryUsage().arrayBuffers;
  for (let at = 0; at < size; at += 4096) area.setU64(at + 8, BigInt(at), true);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30 * 1024 * 1024);
  for (let at = 0; at < size; at += 4096 * 499) expect(area.u64(at + 8, true)).toBe(BigInt(at));
  area.zero(4096, size);
  expect(area.u64(size - 4088, true)).toBe(0n);
  expect(area.u64(8, true)).toBe(0n);
});
