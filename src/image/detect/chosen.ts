import { MAX_SUBBUF_SIZE, MIN_SUBBUF_SIZE } from "../../ground/limits.js";
import { type Geometry, mostCpusFor, nrSubbufsFor } from "../../ring/geometry.js";
import type { LayoutKind } from "./layout-kinds.js";
import { type Place, places, type TotalSize } from "./places.js";
import type { Probed } from "./probes.js";

/** A geometry that the kernel would have chosen for an area of this size, from the fewest to the most of so many CPUs. */
interface ChosenGeometry {
  readonly geometry: Geometry;
  readonly fewest: number;
  readonly most: number;
  readonly size: TotalSize;
}

/** Where an area's size is read from, and what the kernel chooses for it. */
interface Header {
  readonly source: Probed;
  readonly start: Uint8Array;
  readonly chosen: ChosenNumbers;
}

/** Every geometry that the kernel would have chosen for some number of CPUs, or the known one, and some page size. */
export function* chosenGeometries(
  { source, start, chosen }: Header,
  kind: LayoutKind,
  maxCpus: number,
): Generator<ChosenGeometry> {
  for (const { place, totalSize: size } of places(kind, source, start))
    for (let subbufSize = MIN_SUBBUF_SIZE; subbufSize <= MAX_SUBBUF_SIZE; subbufSize *= 2)
      for (const { geometry, fewest, most } of chosen.of(size.bytes, place, subbufSize, maxCpus))
        yield { geometry, fewest, most, size };
}

/** What the kernel chooses for each number of CPUs: machines of either byte order, and several layouts, share it. */
export class ChosenNumbers {
  private readonly known = new Map<string, readonly Omit<ChosenGeometry, "size">[]>();

  constructor(private readonly writerCpus: number | undefined) {}

  of(totalSize: number, place: Place, subbufSize: number, maxCpus: number) {
    const key = `${totalSize} ${maxCpus} ${subbufSize} ${Object.values(place).join(" ")}`;
    let numbers = this.known.get(key);
    if (numbers === undefined) {
      numbers = this.count(totalSize, { ...place, subbufSize, nrSubbufs: 0 }, maxCpus);
      this.known.set(key, numbers);
    }
    return numbers;
  }

  private count(totalSize: number, place: Geometry, maxCpus: number): Omit<ChosenGeometry, "size">[] {
    const numbers: Omit<ChosenGeometry, "size">[] = [];
    const end = this.writerCpus ?? maxCpus;
    for (let fewest = this.writerCpus ?? 1; fewest <= end; ) {
      const nrSubbufs = nrSubbufsFor(totalSize, fewest, place);
      if (nrSubbufs === undefined) break;
      const geometry = { ...place, nrSubbufs };
      const most = Math.min(end, mostCpusFor(totalSize, geometry));
      numbers.push({ geometry, fewest, most });
      fewest = most + 1;
    }
    return numbers;
  }
}
