import { parseRelease, seriesOf, sinceText } from "../../ground/release.js";
import { type Generation, layoutWrittenBy } from "../../ring/layouts.js";
import { BOOT_CHANGES } from "./boot.js";
import { type Kernel, KNOWN_SERIES, kernelBehaviour } from "./kernel.js";

/** Releases that boot alike. */
export interface KernelRange {
  /** For people: `6.16 to 6.18.15, 6.19 to 6.19.5`. */
  readonly label: string;
  /** The first of them. */
  readonly kernel: Kernel;
  /** Which rows of BOOT_CHANGES they stand for. */
  readonly rows: readonly number[];
}

/** Every distinct behaviour at boot of the kernels that write a generation, oldest first. */
export function kernelRanges(generation: Generation): KernelRange[] {
  const ranges = new Map<string, { readonly kernel: Kernel; readonly rows: number[] }>();
  BOOT_CHANGES.forEach(({ since }, row) => {
    const kernel = kernelBehaviour(since);
    const layout = layoutWrittenBy(kernel.version);
    if (layout.generation !== generation) return;
    const key = JSON.stringify([layout.since, kernel.behaviour]);
    const range = ranges.get(key);
    if (range) range.rows.push(row);
    else ranges.set(key, { kernel, rows: [row] });
  });
  return [...ranges.values()].map(({ kernel, rows }) => ({ kernel, rows, label: rowsLabel(rows) }));
}

/** The releases that rows of BOOT_CHANGES stand for: rows that follow each other are one span. */
export function rowsLabel(rows: readonly number[]): string {
  const spans: { first: number; last: number }[] = [];
  for (const row of [...rows].sort((a, b) => a - b)) {
    const span = spans.at(-1);
    if (span?.last === row - 1) span.last = row;
    else spans.push({ first: row, last: row });
  }
  return spans.map(({ first, last }) => spanLabel(first, last)).join(", ");
}

function spanLabel(first: number, last: number): string {
  const from = sinceText(BOOT_CHANGES[first]!.since);
  const series = seriesOf(parseRelease(BOOT_CHANGES[last]!.since)!);
  const next = BOOT_CHANGES[last + 1];
  const following = next && parseRelease(next.since)!;
  const ends = following === undefined || seriesOf(following) !== series;
  if (ends && series === KNOWN_SERIES.at(-1)) return `${from} and later`;
  const to = ends ? `${series}.x` : `${series}.${following[2] - 1}`;
  return `${from}.x` === to ? from : `${from} to ${to}`;
}
