import type { Source } from "../input/source.js";
import { Spool } from "../input/spool.js";

/** Text that is held before it goes to the spool. */
const HELD = 4 * 1024 * 1024;

/** Text is handed on when this much has come together. */
const CHUNK = 64 * 1024;

/** Where text lies. */
interface Place {
  readonly at: number;
  readonly length: number;
}

/** What stands before each text: where the piece's text before it lies. */
const LINK = 12;

/**
 * Pieces of text that come in any order and are wanted one after the other: each has its own end to be written to. What
 * is much lies in a temporary file meanwhile, each piece's texts as a chain: how many they are costs no memory.
 */
export class Scraps {
  private readonly held: string[][] = [];
  /** Where the last text of each piece lies; 0 where it has none. */
  private readonly lastAt: number[] = [];
  private readonly lastLength: number[] = [];
  private readonly spool = new Spool();
  private source: Source | undefined;
  private size = 0;

  /** A new piece, by its number. */
  begin(): number {
    this.lastAt.push(0);
    this.lastLength.push(0);
    return this.held.push([]) - 1;
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
    const places = this.places(this.source, scrap);
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

  private places(source: Source, scrap: number): Place[] {
    const places: Place[] = [];
    let at = this.lastAt[scrap]!;
    let length = this.lastLength[scrap]!;
    // The first text has a link before it, too: none lies at 0.
    while (at > 0) {
      places.push({ at, length });
      const link = source.probe(at - LINK, LINK);
      const view = new DataView(link.buffer, link.byteOffset, LINK);
      at = view.getFloat64(0);
      length = view.getUint32(8);
    }
    return places.reverse();
  }

  /** All at once: where there are many pieces, each has little. */
  private put(): void {
    const links = this.held.reduce((sum, { length }) => (length === 0 ? sum : sum + LINK), 0);
    const bytes = Buffer.allocUnsafe(this.size + links);
    let end = 0;
    for (let scrap = 0; scrap < this.held.length; scrap++) {
      const held = this.held[scrap]!;
      if (held.length === 0) continue;
      end = bytes.writeDoubleBE(this.lastAt[scrap]!, end);
      end = bytes.writeUInt32BE(this.lastLength[scrap]!, end);
      const from = end;
      for (const text of held) end += bytes.write(text, end, "latin1");
      held.length = 0;
      this.lastAt[scrap] = this.spool.length + from;
      this.lastLength[scrap] = end - from;
    }
    this.spool.write(bytes);
    this.size = 0;
  }
}
