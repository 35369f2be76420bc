import { BTF_MAGIC } from "../btf.js";
import type { KernelMemory } from "./memory.js";
import type { ImageSymbols } from "./symbols.js";

const HEADER_SIZE = 24;

/** .BTF in a kernel: between its symbols, else by its header. */
export function btfOf(memory: KernelMemory, symbols: ImageSymbols | undefined): Uint8Array | undefined {
  const start = symbols?.place("__start_BTF") ?? -1;
  const found = start < 0 ? undefined : at(memory, start);
  if (found !== undefined) return found;
  const header = new Uint8Array(8);
  const view = new DataView(header.buffer);
  view.setUint16(0, BTF_MAGIC, memory.abi.littleEndian);
  view.setUint8(2, 1);
  view.setUint32(4, HEADER_SIZE, memory.abi.littleEndian);
  for (const place of memory.find(header)) {
    const section = at(memory, place);
    if (section !== undefined) return section;
  }
  return undefined;
}

/** Types, then strings that begin with a NUL: their sizes tell the whole. */
function at(memory: KernelMemory, start: number): Uint8Array | undefined {
  const typeOffset = memory.u32(start + 8);
  const typeSize = memory.u32(start + 12);
  const textOffset = memory.u32(start + 16);
  const textSize = memory.u32(start + 20);
  const end = start + HEADER_SIZE + textOffset + textSize;
  const fits = typeOffset === 0 && textOffset >= typeSize && typeSize > 0 && textSize > 0 && end <= memory.bytes.length;
  if (!fits || memory.bytes[start + HEADER_SIZE + textOffset] !== 0) return undefined;
  return memory.bytes.subarray(start, end);
}
