import { type Hole, MadeSource, type Source } from "../input/source.js";
import { bootMetaAt, chunkAt, LOOKED_AT } from "./kinds.js";

const WORD = 4;

/**
 * The input with the bytes of each 32-bit word the other way round, where that is what makes its header fit: debuggers
 * save memory so that read words through a port of the other byte order. Undefined where it begins right as it is. A
 * 32-bit writer's header fits either way, and is taken as it is.
 */
export function reversedWords(source: Source): Source | undefined {
  const start = source.read(0, LOOKED_AT);
  const fits = (bytes: Uint8Array) => bootMetaAt(bytes, 0) ?? chunkAt(bytes, 0);
  if (start.length < LOOKED_AT || fits(start) !== undefined) return undefined;
  return fits(reversed(start)) === undefined ? undefined : new ReversedWords(source);
}

function reversed(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.swap32();
  return copy;
}

class ReversedWords extends MadeSource implements Source {
  readonly size: number;
  readonly holes: readonly Hole[] = [];
  readonly physicalStart: number | undefined;

  constructor(private readonly source: Source) {
    super();
    // A last word that is cut tells nothing of its first bytes.
    this.size = source.size - (source.size % WORD);
    this.physicalStart = source.physicalStart;
  }

  get name(): string {
    return this.source.name;
  }

  get notes(): readonly string[] {
    return this.source.notes;
  }

  read(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.size);
    if (end <= offset) return new Uint8Array(0);
    const from = offset - (offset % WORD);
    const words = this.source.read(from, Math.ceil((end - from) / WORD) * WORD);
    return reversed(words).subarray(offset - from, end - from);
  }

  close(): void {
    this.source.close();
  }
}
