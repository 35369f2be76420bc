import type { Source } from "../../input/source.js";

/** What detection asks of an input: a few bytes, far from each other. */
export interface Probed extends Pick<Source, "size" | "probe"> {
  /** Behind here it has nothing, whatever its size. */
  readonly end: number;
}

/** Bytes of a place, and how many are read with it: what is asked for may begin in one and end in the next. */
const PLACE = 64;
const READ = 2 * PLACE;
/** Places that are remembered, in 10 MB. */
const MOST = 2 ** 16;

/**
 * Remembers small probes. Where a header is damaged, thousands of numbers of CPUs are tried on every kind of machine, and
 * most of them look at the same places.
 */
export class RememberedProbes implements Probed {
  readonly end: number;
  private readonly places = new Map<number, Uint8Array>();

  constructor(private readonly source: Pick<Source, "size" | "probe" | "holes">) {
    const { size, holes } = source;
    const last = holes.at(-1);
    this.end = last !== undefined && last.offset + last.length >= size ? last.offset : size;
  }

  get size(): number {
    return this.source.size;
  }

  probe(offset: number, length: number): Uint8Array {
    if (length > PLACE || offset < 0) return this.source.probe(offset, length);
    const place = Math.floor(offset / PLACE);
    let bytes = this.places.get(place);
    if (bytes === undefined) {
      if (this.places.size === MOST) this.places.clear();
      bytes = this.source.probe(place * PLACE, READ).slice();
      this.places.set(place, bytes);
    }
    const at = offset - place * PLACE;
    // Before the end or a hole there may be fewer, and behind a hole others.
    return at + length <= bytes.length ? bytes.subarray(at, at + length) : this.source.probe(offset, length);
  }
}
