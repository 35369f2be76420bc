import { latin1 } from "../ground/latin1.js";
import { MAX_SIGHTINGS } from "../ground/limits.js";
import { KINDS } from "../image/detect.js";
import type { MemoryPiece } from "../input/memory/physical.js";
import { structSizes } from "../ring/layouts.js";
import { bootMetaAt, chunkAt, LOOKED_AT, type Sighting } from "./kinds.js";

/** Areas begin page aligned; no machine has smaller pages. */
export const PAGE = 4096;

/** The magic as a little-endian word, from writers of either byte order. */
const MAGIC = 0x0badfeed;
const MAGIC_SWAPPED = 0xedfead0b | 0;
/** Bits of the sizes that sub-buffers have (4K to 256K), from writers of either byte order. */
const SIZE_BITS = ~0x0007f000;
const SIZE_BITS_SWAPPED = ~0x00f00700;

/** vmcoreinfo has a page of its own, which begins so (crash_save_vmcoreinfo_init(), kernel/vmcore_info.c). */
const VMCOREINFO = "OSRELEASE=";
const VMCOREINFO_WORD = Buffer.from(VMCOREINFO).readInt32LE(0);

/** struct_sizes of the layouts with a boot meta, as little-endian words. */
const STRUCT_SIZES = new Set(
  KINDS.filter(({ generation }) => generation === "global").map((kind) => {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, structSizes(kind, kind.abi), kind.abi.littleEndian);
    return view.getInt32(0, true);
  }),
);
/** Bits that none of them has: a look at a set takes longer than the rest of a look at a page. */
const NO_STRUCT_SIZE = ~[...STRUCT_SIZES].reduce((bits, sizes) => bits | sizes, 0);

/** Looks at the first bytes of every page for what an area, or a CPU's part of one, begins with. */
export class Sightings {
  readonly found: Sighting[] = [];
  /** Pages that look like one beyond those that are kept. */
  omitted = 0;
  /** Where a page is that looks like vmcoreinfo. */
  vmcoreinfo: number | undefined;

  look({ address, bytes }: MemoryPiece): void {
    // Read as words where they lie: this is where a scan spends its time.
    const first = (PAGE - (address % PAGE)) % PAGE;
    const start = bytes.byteOffset + first;
    if (bytes.length < first + LOOKED_AT) return;
    if (start % 4 !== 0) {
      this.look({ address: address + first, bytes: bytes.slice(first) });
      return;
    }
    const words = new Int32Array(bytes.buffer, start, (bytes.length - first) >> 2);
    const end = words.length - LOOKED_AT / 4;
    for (let i = 0; i <= end; i += PAGE / 4) {
      const magic = words[i]!;
      const next = words[i + 1]!;
      const narrow = words[i + 3]!;
      const wide = words[i + 6]!;
      if (
        magic === MAGIC ||
        magic === MAGIC_SWAPPED ||
        magic === VMCOREINFO_WORD ||
        ((next & NO_STRUCT_SIZE) === 0 && STRUCT_SIZES.has(next)) ||
        (narrow !== 0 && ((narrow & SIZE_BITS) === 0 || (narrow & SIZE_BITS_SWAPPED) === 0)) ||
        (wide !== 0 && ((wide & SIZE_BITS) === 0 || (wide & SIZE_BITS_SWAPPED) === 0))
      )
        this.examine(bytes.subarray(first + 4 * i, first + 4 * i + LOOKED_AT), address + first + 4 * i, next);
    }
  }

  private examine(page: Uint8Array, address: number, next: number): void {
    if (latin1(page.subarray(0, VMCOREINFO.length)) === VMCOREINFO) this.vmcoreinfo ??= address;
    const signed = STRUCT_SIZES.has(next) || page[0] === 0xed || page[0] === 0x0b;
    const sighting = (signed ? bootMetaAt(page, address) : undefined) ?? chunkAt(page, address);
    if (sighting === undefined) return;
    if (this.found.length < MAX_SIGHTINGS) this.found.push(sighting);
    else this.omitted++;
  }
}
