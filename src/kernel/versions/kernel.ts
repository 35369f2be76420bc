import { type ChangeRow, covers } from "../../ground/changes.js";
import { UsageError } from "../../ground/errors.js";
import { compareReleases, isSince, parseRelease, type Release, seriesOf } from "../../ground/release.js";
import { BOOT_CHANGES, type BootBehaviour, bootBehaviour } from "./boot.js";
import { type MapBehaviour, mapBehaviour } from "./mapping.js";
import { type ReaderBehaviour, readerBehaviour } from "./reading.js";

/** A kernel release as the user named it, and how it behaves. */
export interface Kernel {
  /** As given. */
  readonly release: string;
  readonly version: Release;
  /** At boot. */
  readonly behaviour: BootBehaviour;
  /** When events are consumed. */
  readonly reading: ReaderBehaviour;
  /** When a program maps the buffer. */
  readonly mapping: MapBehaviour;
  /** The newest change of the boot that it has. */
  readonly row: ChangeRow;
  /** Newer than everything known: the newest known behaviour stands in. */
  readonly beyondKnown: boolean;
}

/** The newest release whose source was read. */
export const NEWEST_KNOWN = "7.3.4";
/** The first kernel with a persistent ring buffer. */
export const OLDEST_KNOWN = "6.12";

/** Every series known, oldest first: each has a row of its first release. */
export const KNOWN_SERIES: readonly string[] = [
  ...new Set(BOOT_CHANGES.map(({ since }) => seriesOf(parseRelease(since)!))),
];

/** How a kernel behaves, by its version or by a whole `uname -r`: see parseRelease(). */
export function kernelBehaviour(release: string): Kernel {
  const version = parseRelease(release);
  if (!version) throw new UsageError(`${release}: not a kernel version; write it like 6.12.107 or 7.3`, "kernel");
  if (!isSince(version, "6.12.0"))
    throw new UsageError(
      `${release}: no persistent ring buffer in it; the first kernel with one is ${OLDEST_KNOWN}`,
      "kernel",
    );
  return {
    release,
    version,
    behaviour: bootBehaviour(version),
    reading: readerBehaviour(version),
    mapping: mapBehaviour(version),
    row: BOOT_CHANGES.findLast((row) => covers(row, version))!,
    beyondKnown: compareReleases(version, parseRelease(KNOWN_SERIES.at(-1)!)!) > 0,
  };
}
