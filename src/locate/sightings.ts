import { latin1 } from "../ground/latin1.js";
import { MAX_SIGHTINGS } from "../ground/limits.js";
import { KINDS } from "../image/detect/layout-kinds.js";
import type { MemoryPiece } from "../input/memory/physical.js";
import { structSizes } from "../ring/layouts.js";
import { RING_BUFFER_META_MAGIC } from "../ring/structs.js";
import { bootMetaAt, chunkAt, LOOKED_AT, type Sighting } from "./kinds.js";
import { ORDER_SIGNS, orderOf } from "./reordered.js";

/** Areas begin page aligned; no machine has smaller pages. */
export const PAGE = 4096;

/** Bits of the sizes that sub-buffers have (4K to 256K), from writers of either byte order. */
const SIZE_BITS = ~0x0007f000;
const SIZE_BITS_SWAPPED = ~0x00f00700;

/** vmcoreinfo has a page of its own, which begins so (crash_save_vmcoreinfo_init(), kernel/vmcore_info.c). */
const VMCOREINFO = "OSRELEASE=";
const VMCOREINFO_WORD = Buffer.from(VMCOREINFO).readInt32LE(0);

/** What an area begins with: the magic, and the struct_sizes of the layouts with a boot meta, as little-endian words. */
const AREA_SIGNS: ReadonlySet<number> = new Set(
  KINDS.flatMap((kind) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setUint32(0, RING_BUFFER_META_MAGIC, kind.abi.littleEndian);
    view.setUint32(4, structSizes(kind, kind.abi), kind.abi.littleEndian);
    return kind.generation === "global" ? [view.getInt32(0, true), view.getInt32(4, true)] : [view.getInt32(0, true)];
  }),
);

/** A look at a set takes longer than all else of a look at a page: by these bits most words are told to be in none. */
const folded = (word: number): number => (word ^ (word >>> 16)) & 0xffff;
const SIGNS: ReadonlySet<number> = new Set([...AREA_SIGNS, ...ORDER_SIGNS, VMCOREINFO_WORD]);
const MAY_BE_SIGN = new Uint8Array(0x10000);
for (const word of SIGNS) MAY_BE_SIGN[folded(word)] = 1;

/** Looks at the first bytes of every page for what an area, or a CPU's part of one, begins with. */
export class Sightings {
  readonly found: Sighting[] = [];
  /** Pages that look like one beyond those that are kept. */
  omitted = 0;
  /** Where a page is that looks like vmcoreinfo. */
  vmcoreinfo: number | undefined;
  /** Where the first page is that begins as an area does whose bytes are in another order. */
  misordered: number | undefined;

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
        (MAY_BE_SIGN[folded(magic)] !== 0 && SIGNS.has(magic)) ||
        (MAY_BE_SIGN[folded(next)] !== 0 && SIGNS.has(next)) ||
        (narrow !== 0 && ((narrow & SIZE_BITS) === 0 || (narrow & SIZE_BITS_SWAPPED) === 0)) ||
        (wide !== 0 && ((wide & SIZE_BITS) === 0 || (wide & SIZE_BITS_SWAPPED) === 0))
      )
        this.examine(bytes.subarray(first + 4 * i, first + 4 * i + LOOKED_AT), address + first + 4 * i, [magic, next]);
    }
  }

  private examine(page: Uint8Array, address: number, [magic, next]: readonly [number, number]): void {
    if (magic === VMCOREINFO_WORD && latin1(page.subarray(0, VMCOREINFO.length)) === VMCOREINFO)
      this.vmcoreinfo ??= address;
    const signed = AREA_SIGNS.has(magic) || AREA_SIGNS.has(next);
    const sighting = (signed ? bootMetaAt(page, address) : undefined) ?? chunkAt(page, address);
    if (sighting === undefined) {
      const turned = this.misordered === undefined && (ORDER_SIGNS.has(magic) || ORDER_SIGNS.has(next));
      if (turned && orderOf(page) !== undefined) this.misordered = address;
    } else if (this.found.length < MAX_SIGHTINGS) this.found.push(sighting);
    else this.omitted++;
  }
}
