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
}

/** Every distinct behaviour at boot of the kernels that write a generation, oldest first. */
export function kernelRanges(generation: Generation): KernelRange[] {
  const segments = BOOT_CHANGES.map(({ since }, i) => {
    const series = seriesOf(parseRelease(since)!);
    const next = BOOT_CHANGES[i + 1];
    const following = next && parseRelease(next.since)!;
    const ends = following === undefined || seriesOf(following) !== series;
    const to = ends ? `${series}.x` : `${series}.${following[2] - 1}`;
    return { from: sinceText(since), to, kernel: kernelBehaviour(since) };
  }).filter(({ kernel }) => layoutWrittenBy(kernel.version).generation === generation);
  const ranges: { key: string; kernel: Kernel; parts: { from: string; to: string; until: number }[] }[] = [];
  segments.forEach(({ from, to, kernel }, i) => {
    const key = JSON.stringify([layoutWrittenBy(kernel.version).since, kernel.behaviour]);
    const range = ranges.find((candidate) => candidate.key === key);
    const last = range?.parts.at(-1);
    if (last && last.until === i - 1) Object.assign(last, { to, until: i });
    else if (range) range.parts.push({ from, to, until: i });
    else ranges.push({ key, kernel, parts: [{ from, to, until: i }] });
  });
  const newest = `${KNOWN_SERIES.at(-1)}.x`;
  return ranges.map(({ kernel, parts }) => ({
    kernel,
    label: parts
      .map(({ from, to }) => {
        if (to === newest) return `${from} and later`;
        return `${from}.x` === to ? from : `${from} to ${to}`;
      })
      .join(", "),
  }));
}
