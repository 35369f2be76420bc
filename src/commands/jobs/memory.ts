const SIZE = 256 * 1024;
/** Pieces of a room: what a thread has made lies in 16 MiB at most, and then it waits. */
const PIECES = 64;
/** Where in a room's state it says how many pieces are full; behind it, of each whether it is. */
const FULL = 0;
const FIRST = 1;

/** A piece of memory with bytes, until it is emptied(). */
export interface Filled {
  readonly memory: SharedArrayBuffer;
  readonly length: number;
  /** Its room, and which of its pieces it is. */
  readonly state: SharedArrayBuffer;
  readonly piece: number;
}

/**
 * Where a thread puts bytes until they are taken: memory that all threads share and that is used again, as fresh memory is slow.
 * It is not moved: from the first ArrayBuffer on that is, V8 asks at every write into any of them whether it is still there.
 */
export class Room {
  private readonly state = new SharedArrayBuffer((FIRST + PIECES) * Int32Array.BYTES_PER_ELEMENT);
  private readonly words = new Int32Array(this.state);
  private readonly memory: SharedArrayBuffer[] = [];

  /** All that is there has to be taken first. */
  get full(): boolean {
    return Atomics.load(this.words, FULL) === PIECES;
  }

  /** Blocks this thread until there is place; another one must empty it. */
  wait(): void {
    while (this.full) Atomics.wait(this.words, FULL, PIECES);
  }

  /** Copies bytes: each time it is asked, it fills a piece, for which there must be place. */
  *filledWith<End>(bytes: Iterator<Uint8Array, End>): Generator<Filled, End> {
    let open: { readonly memory: SharedArrayBuffer; readonly piece: number } | undefined;
    let length = 0;
    for (;;) {
      const { done, value } = bytes.next();
      if (done) {
        if (open !== undefined) yield { ...open, length, state: this.state };
        return value;
      }
      for (let from = 0; from < value.length; ) {
        open ??= this.open();
        const part = value.subarray(from, from + SIZE - length);
        // As memory that is shared, set() copies it word by word.
        Buffer.from(open.memory).fill(part, length, length + part.length);
        length += part.length;
        from += part.length;
        if (length < SIZE) continue;
        yield { ...open, length, state: this.state };
        open = undefined;
        length = 0;
      }
    }
  }

  private open(): { readonly memory: SharedArrayBuffer; readonly piece: number } {
    let piece = 0;
    while (Atomics.load(this.words, FIRST + piece) !== 0) piece++;
    Atomics.store(this.words, FIRST + piece, 1);
    Atomics.add(this.words, FULL, 1);
    const memory = this.memory[piece] ?? new SharedArrayBuffer(SIZE);
    this.memory[piece] = memory;
    return { memory, piece };
  }
}

/** Its bytes are taken: whose room it is may use it again. */
export function emptied({ state, piece }: Filled): void {
  const words = new Int32Array(state);
  Atomics.store(words, FIRST + piece, 0);
  Atomics.sub(words, FULL, 1);
  Atomics.notify(words, FULL);
}
