import { InputError } from "../../ground/errors.js";
import type { Output } from "../unpack/output.js";

/** Snappy (google/snappy's format_description.txt): the length, then literals and copies of what came before. */
export function unsnappy(input: Uint8Array, output: Output): void {
  let at = 0;
  const byte = (): number => {
    const b = input[at++];
    if (b === undefined) throw new InputError("it is cut short");
    return b;
  };
  const number = (bytes: number): number => {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += byte() * 2 ** (8 * i);
    return value;
  };
  const start = output.length;
  const size = varint(byte);
  output.reserve(size);
  while (at < input.length) {
    const tag = byte();
    if ((tag & 3) === 0) {
      const short = tag >> 2;
      const length = (short < 60 ? short : number(short - 59)) + 1;
      if (at + length > input.length) throw new InputError("it is cut short");
      if (output.length - start + length > size) throw new InputError("it is longer than it says");
      output.append(input.subarray(at, at + length));
      at += length;
      continue;
    }
    const length = (tag & 3) === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const distance = (tag & 3) === 1 ? ((tag >> 5) << 8) + byte() : number((tag & 3) === 2 ? 2 : 4);
    if (output.length - start + length > size) throw new InputError("it is longer than it says");
    if (distance > output.length - start) throw new InputError("it points before its beginning");
    output.repeat(distance, length);
  }
  if (output.length - start !== size) throw new InputError("it is shorter than it says");
}

function varint(byte: () => number): number {
  let value = 0;
  for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
    const b = byte();
    value += (b & 0x7f) * scale;
    if (b < 0x80) return value;
  }
  throw new InputError("its length makes no sense");
}
