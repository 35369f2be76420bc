import { InputError } from "../../ground/errors.js";
import { le32 } from "./le32.js";
import type { Output } from "./output.js";

/** The legacy frame of lz4 (its frame description), which kernels are packed with: blocks of up to 8 MiB, each by itself. */
export function unlz4(input: Uint8Array, output: Output): void {
  let at = 4;
  while (at + 4 <= input.length) {
    const size = le32(input, at);
    // Behind the last block the kernel has its unpacked size: as a block it would be too long, or the file's very end.
    if (size === 0 || at + 4 + size > input.length || (at + 8 > input.length && output.length > 0)) return;
    block(input, at + 4, at + 4 + size, output);
    at += 4 + size;
  }
}

function block(input: Uint8Array, start: number, end: number, output: Output): void {
  let at = start;
  const more = (base: number): number => {
    let length = base;
    if (base === 15)
      for (;;) {
        const byte = input[at++]!;
        if (at > end) throw new InputError("a block is cut short");
        length += byte;
        if (byte !== 255) break;
      }
    return length;
  };
  while (at < end) {
    const token = input[at++]!;
    const literals = more(token >> 4);
    if (at + literals > end) throw new InputError("a block is cut short");
    output.append(input.subarray(at, at + literals));
    at += literals;
    if (at >= end) return;
    const distance = input[at]! | (input[at + 1]! << 8);
    at += 2;
    output.repeat(distance, more(token & 15) + 4);
  }
}
