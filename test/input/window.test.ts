import { describe, expect, test } from "@jest/globals";
import { MemorySource } from "../../src/input/source.js";
import { Window } from "../../src/input/window.js";

const BYTES = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) % 251);

/** Counts how often the source is asked. */
class Counting extends MemorySource {
  asked = 0;

  override readInto(bytes: Uint8Array, offset: number): number {
    this.asked++;
    return super.readInto(bytes, offset);
  }
}

describe("Window", () => {
  test("gives what the source has, wherever it is asked for", () => {
    const source = new MemorySource(BYTES);
    const window = new Window(source, 64);
    let seed = 1;
    for (let i = 0; i < 500; i++) {
      seed = (seed * 48271) % 2147483647;
      const offset = seed % 1050;
      const length = (seed >> 8) % 150;
      expect([offset, length, ...window.read(offset, length)]).toEqual([
        offset,
        length,
        ...BYTES.subarray(offset, offset + length),
      ]);
    }
  });

  test("reads ahead, into the same memory", () => {
    const source = new Counting(BYTES);
    const window = new Window(source, 100);
    const first = window.read(0, 10);
    for (let at = 10; at < 100; at += 10) expect(window.read(at, 10).buffer).toBe(first.buffer);
    expect(source.asked).toBe(1);
    expect(window.read(100, 10).buffer).toBe(first.buffer);
    expect(source.asked).toBe(2);
  });

  test("ends where a hole begins", () => {
    const source = new (class extends MemorySource {
      override readInto(bytes: Uint8Array, offset: number): number {
        return super.readInto(bytes.subarray(0, Math.max(0, Math.min(bytes.length, 500 - offset))), offset);
      }
    })(BYTES);
    const window = new Window(source, 100);
    expect(window.read(450, 20)).toHaveLength(20);
    expect(window.read(490, 20)).toHaveLength(10);
    expect(window.read(500, 20)).toHaveLength(0);
  });
});
