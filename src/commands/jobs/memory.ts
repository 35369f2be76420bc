const SIZE = 256 * 1024;

/**
 * Bytes in pieces of memory that go from thread to thread, and are used again: fresh memory is slow. All threads share it: from the
 * first ArrayBuffer on that is moved to another thread, V8 asks at every write into any of them whether it is still there.
 */
export interface Filled {
  readonly memory: readonly SharedArrayBuffer[];
  /** Of each, how much is filled; 0 of what was not needed. */
  readonly lengths: readonly number[];
}

/** Copies bytes into memory. @param free that is used first; what is left of it is given back as well */
export function filledWith(pieces: Iterable<Uint8Array>, free: SharedArrayBuffer[]): Filled {
  const memory: SharedArrayBuffer[] = [];
  const lengths: number[] = [];
  let room = 0;
  for (const piece of pieces)
    for (let from = 0; from < piece.length; ) {
      if (room === 0) {
        memory.push(free.pop() ?? new SharedArrayBuffer(SIZE));
        lengths.push(0);
        room = SIZE;
      }
      const last = memory.length - 1;
      const part = piece.subarray(from, from + room);
      // As memory that is shared, set() copies it word by word.
      Buffer.from(memory[last]!).fill(part, lengths[last]!, lengths[last]! + part.length);
      lengths[last]! += part.length;
      room -= part.length;
      from += part.length;
    }
  return { memory: [...memory, ...free], lengths: [...lengths, ...free.map(() => 0)] };
}
