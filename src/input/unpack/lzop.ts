import { InputError } from "../../ground/errors.js";
import { lzo1x } from "./lzo1x.js";
import type { Output } from "./output.js";

/** An lzop file: a header, then blocks of LZO1X, each with its sizes and checksums, then a size of 0. */
export function unlzop(input: Uint8Array, output: Output): void {
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  const need = (at: number, size: number): void => {
    if (at + size > input.length) throw new InputError("it is cut short");
  };
  need(0, 64);
  const version = view.getUint16(9);
  let at = 13 + (version >= 0x940 ? 2 : 0);
  if (input[at]! > 3) throw new InputError(`its method ${input[at]} is not LZO1X`);
  at += 1 + (version >= 0x940 ? 1 : 0);
  const flags = view.getUint32(at);
  at += 4 + (flags & 0x800 ? 4 : 0) + 4 + 4 + (version >= 0x940 ? 4 : 0);
  need(at, 1);
  at += 1 + input[at]! + 4;
  if (flags & 0x40) {
    need(at, 4);
    at += 8 + view.getUint32(at);
  }
  const plainChecks = (flags & 1 ? 4 : 0) + (flags & 0x100 ? 4 : 0);
  const packedChecks = (flags & 2 ? 4 : 0) + (flags & 0x200 ? 4 : 0);
  for (;;) {
    need(at, 4);
    const size = view.getUint32(at);
    if (size === 0) return;
    need(at, 8);
    const packed = view.getUint32(at + 4);
    at += 8 + plainChecks + (packed < size ? packedChecks : 0);
    need(at, packed);
    if (packed < size) {
      const before = output.length;
      lzo1x(input.subarray(at, at + packed), output, before + size);
      if (output.length !== before + size) throw new InputError("a block is damaged");
    } else output.append(input.subarray(at, at + packed));
    at += packed;
  }
}
