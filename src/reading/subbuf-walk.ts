import type { Image } from "../image/image.js";
import { SubbufWindow } from "../image/subbuf-window.js";
import type { Walked } from "./cpu-reading.js";
import { examine } from "./examine.js";
import { writerOrder } from "./order.js";
import { Candidate } from "./subbuf-reading.js";
import { type Rare, SubbufTable, type TableContents } from "./subbuf-table.js";

/** Bytes of a piece: about a hundredth of a second. */
const PIECE = 8 * 1024 * 1024;

/** Neighbouring sub-buffers of a CPU: physical indexes `from` and up to before `to`. */
interface Piece {
  readonly cpu: number;
  readonly from: number;
  readonly to: number;
}

/** What a thread must know to help. */
export type WalkContents = readonly TableContents[];

/**
 * The walk over all sub-buffers of an image as they lie in the file: what each says by itself. It goes in pieces, which any thread
 * can do in any order: what it finds stands in columns that all share, and what few sub-buffers have (Rare) is told.
 */
export class SubbufWalk {
  readonly cpus: readonly Walked[];
  private readonly pieces: readonly Piece[];

  constructor(private readonly image: Image) {
    this.cpus = image.cpus.map((cpu) => {
      const order = writerOrder(cpu);
      return { table: SubbufTable.of(cpu, order, image.subbufs.headerSize), order };
    });
    this.pieces = piecesOf(image);
  }

  /** How many pieces there are. */
  get count(): number {
    return this.pieces.length;
  }

  get contents(): WalkContents {
    return this.cpus.map(({ table: { contents } }) => contents);
  }

  /** @param onSubbuf told of every sub-buffer that was walked */
  walk(number: number, onSubbuf?: () => void): void {
    const piece = this.pieces[number]!;
    walk(this.image, this.cpus[piece.cpu]!.table, piece, onSubbuf);
  }

  /** A piece was walked by another thread (HelpedWalk). */
  adopt(number: number, rare: Rare): void {
    this.cpus[this.pieces[number]!.cpu]!.table.adopt(rare);
  }
}

/** A walk that another thread leads: this one does pieces of it. */
export class HelpedWalk {
  private readonly pieces: readonly Piece[];

  constructor(
    private readonly image: Image,
    private readonly contents: WalkContents,
  ) {
    this.pieces = piecesOf(image);
  }

  /** Gives what the columns do not hold. */
  walk(number: number): Rare {
    const piece = this.pieces[number]!;
    const table = SubbufTable.part(this.image.cpus[piece.cpu]!, this.contents[piece.cpu]!);
    walk(this.image, table, piece);
    return table.rare;
  }
}

function piecesOf({ cpus }: Image): readonly Piece[] {
  return cpus.flatMap(({ nrSubbufs, subbufSize }, cpu) => {
    const many = Math.ceil(PIECE / subbufSize);
    return Array.from({ length: Math.ceil(nrSubbufs / many) }, (_, i) => ({
      cpu,
      from: i * many,
      to: Math.min(nrSubbufs, (i + 1) * many),
    }));
  });
}

function walk(image: Image, table: SubbufTable, { from, to }: Piece, onSubbuf?: () => void): void {
  const window = new SubbufWindow(image, table.cpu);
  for (let index = from; index < to; index++) {
    if (!table.isPlaced(index)) continue;
    examine(image.subbufs, window.read(index), new Candidate(table, index), table.role(index));
    onSubbuf?.();
  }
}
