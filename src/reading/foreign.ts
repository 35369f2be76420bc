import { magicOf } from "../input/unpack/packing.js";

/** What a range of bytes that are no events holds, where that can be told. */
export type ForeignData =
  | "text"
  | "one word again and again"
  | "an ELF file"
  | "a device tree"
  | "a compressed file"
  | "a cpio archive";

/** With what each begins: the ELF header, struct fdt_header, packed files, squashfs, cpio's newc. */
const MAGICS: readonly (readonly [ForeignData, readonly number[]])[] = [
  ["an ELF file", [0x7f, 0x45, 0x4c, 0x46]],
  ["a device tree", [0xd0, 0x0d, 0xfe, 0xed]],
  ["a compressed file", [...magicOf("gzip")]],
  ["a compressed file", [...magicOf("zstd")]],
  ["a compressed file", [...magicOf("xz")]],
  ["a compressed file", [0x68, 0x73, 0x71, 0x73]],
  ["a cpio archive", [0x30, 0x37, 0x30, 0x37, 0x30, 0x31]],
];
/** Such things begin at places that are multiples of this. */
const ALIGNMENT = 512;
const MOSTLY = 0.9;

/** Tells it from the bytes between two places of a page. */
export function foreignData(view: DataView, start: number, end: number): ForeignData | undefined {
  for (let at = Math.floor(start / ALIGNMENT) * ALIGNMENT; at < end; at += ALIGNMENT)
    for (const [what, magic] of MAGICS)
      if (at + magic.length <= view.byteLength && magic.every((byte, k) => view.getUint8(at + k) === byte)) return what;
  let printable = 0;
  const words = new Map<number, number>();
  for (let at = start; at < end; at++) {
    const byte = view.getUint8(at);
    if ((byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d)) printable++;
    if (at % 4 === 0 && at + 4 <= end) {
      const word = view.getUint32(at);
      words.set(word, (words.get(word) ?? 0) + 1);
    }
  }
  if (Math.max(0, ...words.values()) >= (MOSTLY * (end - start)) / 4) return "one word again and again";
  return printable >= MOSTLY * (end - start) ? "text" : undefined;
}
