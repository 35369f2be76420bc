import { InputError } from "../../ground/errors.js";
import { latin1 } from "../../ground/latin1.js";
import { MAX_FLATTENED_RECORDS } from "../../ground/limits.js";
import { type Hole, MadeSource, type Source } from "../source.js";
import { lastWritten, pieceBefore, type WrittenPiece } from "./written-pieces.js";

/** `makedumpfile -F` and QEMU write a dump as a stream: what would be a file's pieces, each with its place in it. */
const SIGNATURE = "makedumpfile\0\0\0\0";
const HEADER_SIZE = 4096;
const RECORD_HEADER = 16;

export function isFlattened(start: Uint8Array): boolean {
  return latin1(start.subarray(0, 16)) === SIGNATURE;
}

/** The file that a flattened one stands for: its pieces are looked up where they are, nothing is written out. */
export class FlattenedSource extends MadeSource implements Source {
  readonly size: number;
  readonly notes: readonly string[];
  readonly holes: readonly Hole[] = [];
  readonly physicalStart = undefined;

  private constructor(
    private readonly packed: Source,
    private readonly pieces: readonly WrittenPiece[],
    notes: readonly string[],
  ) {
    super();
    const last = pieces.at(-1);
    this.size = last === undefined ? 0 : last.start + last.size;
    this.notes = [...packed.notes, ...notes];
  }

  /** Throws InputError where a record makes no sense. A stream that ends early is read as far as it goes, and noted. */
  static open(packed: Source): FlattenedSource {
    const { name, size } = packed;
    const records: WrittenPiece[] = [];
    let cut = true;
    for (let at = HEADER_SIZE; at + RECORD_HEADER <= size; ) {
      const bytes = packed.probe(at, RECORD_HEADER);
      const view = new DataView(bytes.buffer, bytes.byteOffset, RECORD_HEADER);
      const offset = view.getBigInt64(0);
      const length = view.getBigInt64(8);
      if (offset === -1n && length === -1n) {
        cut = false;
        break;
      }
      if (offset < 0n || length < 0n || offset + length > BigInt(Number.MAX_SAFE_INTEGER))
        throw new InputError(
          `${name}: a flattened dump with a record of ${length} bytes for place ${offset} (at offset 0x${at.toString(16)})`,
        );
      if (records.length === MAX_FLATTENED_RECORDS)
        throw new InputError(
          `${name}: a flattened dump of more than ${MAX_FLATTENED_RECORDS} records: \`makedumpfile -R\` rearranges it`,
        );
      const there = Math.min(Number(length), size - at - RECORD_HEADER);
      if (there > 0) records.push({ start: Number(offset), size: there, place: at + RECORD_HEADER });
      at += RECORD_HEADER + Number(length);
    }
    const notes = cut ? [`${name}: the flattened dump ends early: the rest is missing`] : [];
    return new FlattenedSource(packed, lastWritten(records), notes);
  }

  get name(): string {
    return this.packed.name;
  }

  /** What no record wrote reads as zeros, as in the file that a rearranging would make. */
  read(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.size);
    if (end <= offset) return new Uint8Array(0);
    const { pieces } = this;
    let i = Math.max(pieceBefore(pieces, offset), 0);
    const first = pieces[i]!;
    if (first.start <= offset && end <= first.start + first.size)
      return this.packed.read(first.place + offset - first.start, end - offset);
    const bytes = new Uint8Array(end - offset);
    for (; i < pieces.length && pieces[i]!.start < end; i++) {
      const { start, size, place } = pieces[i]!;
      const from = Math.max(offset, start);
      const to = Math.min(end, start + size);
      if (to > from) bytes.set(this.packed.read(place + from - start, to - from), from - offset);
    }
    return bytes;
  }

  close(): void {
    this.packed.close();
  }
}
