import { InputError } from "../../ground/errors.js";
import type { Output } from "./output.js";

/**
 * LZO1X as the kernel's Documentation/staging/lzo.rst describes the stream.
 * @param end what the output may grow to
 */
export function lzo1x(input: Uint8Array, output: Output, end: number): void {
  let at = 0;
  const byte = (): number => {
    const b = input[at++];
    if (b === undefined) throw new InputError("a block is cut short");
    return b;
  };
  const length = (bits: number, mask: number): number => {
    if (bits !== 0) return bits;
    let more = 0;
    for (;;) {
      const b = byte();
      if (b !== 0) return more + mask + b;
      more += 255;
      if (more > end) throw new InputError("a block makes no sense");
    }
  };
  const literals = (n: number): void => {
    if (at + n > input.length || output.length + n > end) throw new InputError("a block is damaged");
    output.append(input.subarray(at, at + n));
    at += n;
  };
  const copy = (distance: number, n: number): void => {
    if (output.length + n > end) throw new InputError("a block is damaged");
    output.repeat(distance, n);
  };
  // Literals that the last instruction copied: 0 to 3, or 4 for a long run.
  let state = 0;
  if (input[0]! > 17) {
    const n = byte() - 17;
    literals(n);
    state = Math.min(n, 4);
  }
  for (;;) {
    const t = byte();
    if (t < 16) {
      if (state === 0) {
        literals(length(t, 15) + 3);
        state = 4;
        continue;
      }
      const high = byte();
      if (state === 4) copy((t >> 2) + (high << 2) + 2049, 3);
      else copy((t >> 2) + (high << 2) + 1, 2);
      state = t & 3;
    } else if (t < 32) {
      const n = length(t & 7, 7) + 2;
      const low = byte() | (byte() << 8);
      const distance = ((t & 8) << 11) + (low >> 2) + 16384;
      if (distance === 16384) return;
      copy(distance, n);
      state = low & 3;
    } else if (t < 64) {
      const n = length(t & 31, 31) + 2;
      const low = byte() | (byte() << 8);
      copy((low >> 2) + 1, n);
      state = low & 3;
    } else {
      const n = t < 128 ? 3 + ((t >> 5) & 1) : 5 + ((t >> 5) & 3);
      copy((byte() << 3) + ((t >> 2) & 7) + 1, n);
      state = t & 3;
    }
    if (state > 0) literals(state);
  }
}
