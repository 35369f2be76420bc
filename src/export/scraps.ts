import type { Source } from "../input/source.js";
import { Spool } from "../input/spool.js";

/** Text that is held before it goes to the spool. */
const HELD = 4 * 1024 * 1024;

/** Text is handed on when this much has come together. */
const CHUNK = 64 * 1024;

interface Place {
  readonly at: number;
  readonly length: number;
}

/**
 * Pieces of text that come in any order and are wanted one after the other: each has its own end to be written to. What
 * is much lies in a temporary file meanwhile.
 */
export class Scraps {
  private readonly held: string[][] = [];
  private readonly places: Place[][] = [];
  private readonly spool = new Spool();
  private source: Source | undefined;
  private size = 0;

  /** A new piece, by its number. */
  begin(): number {
    this.held.push([]);
    this.places.push([]);
    return this.held.length - 1;
  }

  /** @param text one character a byte */
  add(scrap: number, text: string): void {
    this.held[scrap]!.push(text);
    this.size += text.length;
    if (this.size > HELD) this.put();
  }

  /** What a piece has become; nothing is added to any from here on. */
  *read(scrap: number): Generator<Buffer> {
    if (this.source === undefined) {
      this.put();
      this.source = this.spool.finish("pieces of text", []);
    }
    const places = this.places[scrap]!;
    for (let i = 0; i < places.length; ) {
      const from = i;
      let size = 0;
      while (i < places.length && size < CHUNK) size += places[i++]!.length;
      const bytes = Buffer.allocUnsafe(size);
      let end = 0;
      for (const { at, length } of places.slice(from, i)) {
        // Far from each other: no more is read than that.
        this.source.readInto(bytes.subarray(end, end + length), at);
        end += length;
      }
      yield bytes;
    }
  }

  close(): void {
    this.source?.close();
  }

  /** All at once: where there are many pieces, each has little. */
  private put(): void {
    const bytes = Buffer.allocUnsafe(this.size);
    let end = 0;
    for (let scrap = 0; scrap < this.held.length; scrap++) {
      const held = this.held[scrap]!;
      if (held.length === 0) continue;
      const from = end;
      for (const text of held) end += bytes.write(text, end, "latin1");
      held.length = 0;
      this.places[scrap]!.push({ at: this.spool.length + from, length: end - from });
    }
    this.spool.write(bytes);
    this.size = 0;
  }
}
