import { MAX_SIGHTINGS } from "../ground/limits.js";
import type { MemoryPiece, PhysicalMemory } from "../input/memory/physical.js";
import { bootMetaAt, chunkAt, LOOKED_AT, type Sighting } from "./kinds.js";

/** The magic, from writers of either byte order. */
const MAGICS = [Buffer.from("edfead0b", "hex"), Buffer.from("0badfeed", "hex")];

/** Looks for what an area begins with at any byte: in a file the memory may follow a header of whatever length. */
export class StraySightings {
  readonly found: Sighting[] = [];
  omitted = 0;
  readonly vmcoreinfo = undefined;
  readonly misordered = undefined;

  constructor(private readonly memory: PhysicalMemory) {}

  look({ address, bytes }: MemoryPiece): void {
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (const magic of MAGICS) {
      // One that begins in the piece before.
      const border = Buffer.from(this.memory.read(address - magic.length + 1, 2 * magic.length - 2));
      const at = border.indexOf(magic);
      if (at >= 0) this.examine(address - magic.length + 1 + at);
      for (let i = piece.indexOf(magic); i >= 0; i = piece.indexOf(magic, i + 1)) this.examine(address + i);
    }
  }

  private examine(address: number): void {
    const bytes = this.memory.read(address, LOOKED_AT);
    const sighting = bootMetaAt(bytes, address) ?? chunkAt(bytes, address);
    if (sighting === undefined) return;
    if (this.found.length < MAX_SIGHTINGS) this.found.push(sighting);
    else this.omitted++;
  }
}
