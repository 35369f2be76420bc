import { type Image, subbufBytes } from "../image/image.js";
import { RecordCursor, RecordKind } from "../ring/records.js";
import type { Draft } from "./cpu-reading.js";
import type { Stretch } from "./stretch.js";
import type { Candidate } from "./subbuf-reading.js";

/** Events that must be the same, one after another, their time deltas too; */
const CHAIN = 4;
/** and bits of those deltas: with fewer, the same may have happened twice. */
const MIN_BITS = 40;
/** A trace that has so much of it twice repeats itself. */
const MAX_SHARE = 0.05;
/** Chains that are kept. */
const MAX_KEPT = 1 << 16;

/** Events that follow each other in a sub-buffer: where each begins. */
interface Chain {
  readonly page: Candidate;
  readonly starts: readonly number[];
}

/** The same, with their bytes: a copy, since what is kept must not keep the file. */
interface KeptChain extends Chain {
  readonly bytes: Uint8Array;
}

/**
 * Doubts events at estimated times that another sub-buffer holds byte for byte: memory that was copied, or was elsewhere in the
 * ring a moment before. Where times are exact, events are where they belong.
 */
export function doubtEchoes(image: Image, drafts: readonly Draft[]): void {
  const kept = new Map<number, KeptChain>();
  let chains = 0;
  const walk = new ChainWalk(image.layout.abi.littleEndian);
  const overAll = (visit: (page: Candidate, view: DataView, stretch: Stretch) => void): void => {
    for (const {
      table: { cpu },
      order,
    } of drafts)
      for (const page of order) {
        if (page.role === "consumed" || page.records.events === 0) continue;
        const { view } = subbufBytes(image, cpu, page.index);
        for (const stretch of page.pieces ?? [page.whole()]) visit(page, view, stretch);
      }
  };
  overAll((page, view, stretch) => {
    if (stretch.bounds === undefined) return;
    for (walk.open(view, stretch); walk.next(); ) {
      if (kept.size < MAX_KEPT && !kept.has(walk.hash)) kept.set(walk.hash, walk.keep(page));
    }
  });
  if (kept.size === 0) return;
  const echoes = new Map<Candidate, Set<number>>();
  let found = 0;
  const doubt = ({ page, starts }: Chain): void => {
    const offsets = echoes.get(page) ?? new Set();
    echoes.set(page, offsets);
    for (const start of starts) offsets.add(start);
  };
  overAll((page, view, stretch) => {
    for (walk.open(view, stretch); walk.next(); ) {
      chains++;
      const other = kept.get(walk.hash);
      if (other === undefined || other.page === page || !walk.equals(other)) continue;
      found++;
      doubt(other);
      if (stretch.bounds !== undefined) doubt({ page, starts: walk.starts });
    }
  });
  if (found > MAX_SHARE * chains) return;
  for (const [page, offsets] of echoes)
    if (page.pieces !== undefined) page.pieces = page.pieces.map((piece) => doubted(piece, offsets));
}

function doubted(piece: Stretch, offsets: ReadonlySet<number>): Stretch {
  const known = new Set(piece.doubts.map(({ offset }) => offset));
  const added = [...offsets]
    .filter((offset) => offset >= piece.start && offset < piece.end && !known.has(offset))
    .map((offset) => ({ offset, code: "duplicate" as const }));
  if (added.length === 0) return piece;
  return { ...piece, doubts: [...piece.doubts, ...added].sort((a, b) => a.offset - b.offset) };
}

/** Goes over the chains of a stretch, one beginning at each event. */
class ChainWalk {
  /** Of the chain's bytes. */
  hash = 0;
  private view: DataView = new DataView(new ArrayBuffer(0));
  private cursor = new RecordCursor(this.view, true);
  readonly starts: number[] = [];
  private readonly hashes: number[] = [];
  private readonly bits: number[] = [];

  constructor(private readonly littleEndian: boolean) {}

  open(view: DataView, { start, end }: Stretch): void {
    this.view = view;
    this.cursor = new RecordCursor(view, this.littleEndian);
    this.cursor.open(start, end, 0, 0);
    this.starts.length = this.hashes.length = this.bits.length = 0;
  }

  /** To the next chain that tells something; false at the end. */
  next(): boolean {
    const { cursor, starts, hashes, bits } = this;
    while (cursor.next()) {
      if (cursor.kind !== RecordKind.Data) {
        starts.length = hashes.length = bits.length = 0;
        continue;
      }
      starts.push(cursor.offset);
      hashes.push(this.hashOf(cursor.offset, cursor.position));
      bits.push(32 - Math.clz32(cursor.timeDelta));
      if (starts.length < CHAIN) continue;
      if (starts.length > CHAIN) for (const list of [starts, hashes, bits]) list.shift();
      if (bits.reduce((sum, more) => sum + more, 0) < MIN_BITS) continue;
      this.hash = hashes.reduce((hash, more) => Math.imul(hash, 31) + more, 0) | 0;
      return true;
    }
    return false;
  }

  keep(page: Candidate): KeptChain {
    return { page, starts: [...this.starts], bytes: this.bytes().slice() };
  }

  equals({ bytes }: KeptChain): boolean {
    return Buffer.compare(bytes, this.bytes()) === 0;
  }

  private bytes(): Uint8Array {
    const { buffer, byteOffset } = this.view;
    const start = this.starts[0]!;
    return new Uint8Array(buffer, byteOffset + start, this.cursor.position - start);
  }

  private hashOf(start: number, end: number): number {
    let hash = 0;
    for (let at = start; at + 4 <= end; at += 4) hash = Math.imul(hash ^ this.view.getUint32(at), 0x9e3779b1);
    return hash;
  }
}
