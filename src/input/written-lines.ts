/** Bytes that are copied when one of them is written. A kernel's boot writes a sub-buffer's header and leaves the rest. */
export const LINE = 64;
const LINES_IN_SLAB = 4096;

/** Lines by their numbers: an open hash table of numbers, since objects would take more than the lines do. */
export class WrittenLines {
  /** Numbers plus one; 0 is free. */
  private keys = new Float64Array(1024);
  private places = new Uint32Array(1024);
  private count = 0;
  private readonly slabs: Uint8Array[] = [];

  of(number: number): Uint8Array | undefined {
    if (this.count === 0) return undefined;
    const slot = this.slotOf(number);
    return this.keys[slot] === 0 ? undefined : this.lineAt(this.places[slot]!);
  }

  /** Copies a word out of a line, as far as the line goes; false where there is none. */
  copyWord(number: number, within: number, word: Uint8Array): boolean {
    const slot = this.slotOf(number);
    if (this.keys[slot] === 0) return false;
    const place = this.places[slot]!;
    const slab = this.slabs[Math.floor(place / LINES_IN_SLAB)]!;
    const at = (place % LINES_IN_SLAB) * LINE + within;
    const { length } = word;
    for (let i = 0; i < length && within + i < LINE; i++) word[i] = slab[at + i]!;
    return true;
  }

  /** A line of zeros. */
  add(number: number): Uint8Array {
    if (this.count * 2 >= this.keys.length) this.grow();
    const slot = this.slotOf(number);
    this.keys[slot] = number + 1;
    this.places[slot] = this.count++;
    return this.lineAt(this.count - 1);
  }

  private lineAt(place: number): Uint8Array {
    const slab = Math.floor(place / LINES_IN_SLAB);
    if (slab === this.slabs.length) this.slabs.push(new Uint8Array(LINES_IN_SLAB * LINE));
    const at = (place % LINES_IN_SLAB) * LINE;
    return this.slabs[slab]!.subarray(at, at + LINE);
  }

  private slotOf(number: number): number {
    const { keys } = this;
    const mask = keys.length - 1;
    // Lines of sub-buffers' headers lie 64 apart: mixed, they spread.
    const mixed = Math.imul(number ^ (number >>> 15), 0x9e3779b1);
    let slot = mixed ^ (mixed >>> 13);
    for (slot &= mask; keys[slot] !== 0 && keys[slot] !== number + 1; slot = (slot + 1) & mask);
    return slot;
  }

  private grow(): void {
    const { keys, places } = this;
    this.keys = new Float64Array(keys.length * 2);
    this.places = new Uint32Array(keys.length * 2);
    keys.forEach((key, i) => {
      if (key === 0) return;
      const slot = this.slotOf(key - 1);
      this.keys[slot] = key;
      this.places[slot] = places[i]!;
    });
  }
}
