import type { ChangeRow } from "../ground/changes.js";
import { compareReleases, parseRelease } from "../ground/release.js";
import { BOOT_CHANGES } from "../kernel/versions/boot.js";
import { MAP_CHANGES } from "../kernel/versions/mapping.js";
import { TRACE_FILE_CHANGES } from "../kernel/versions/printing.js";
import { READER_CHANGES } from "../kernel/versions/reading.js";
import { PRINT_CHANGES } from "../print/by-version.js";
import { WRITER_LAYOUTS } from "../ring/layouts.js";

/** What differs between kernels, by subject: every row known, in the order of releases. */
export const VERSION_TABLES: Readonly<
  Record<"layout" | "boot" | "reading" | "mapping" | "printing", readonly ChangeRow[]>
> = {
  layout: inOrder(WRITER_LAYOUTS),
  boot: inOrder(BOOT_CHANGES),
  reading: inOrder(READER_CHANGES),
  mapping: inOrder(MAP_CHANGES),
  printing: inOrder([...TRACE_FILE_CHANGES, ...PRINT_CHANGES]),
};

function inOrder(rows: readonly ChangeRow[]): ChangeRow[] {
  return rows
    .map(({ since, until, evidence, source, change }) => ({ since, ...(until && { until }), evidence, source, change }))
    .sort((a, b) => compareReleases(parseRelease(a.since)!, parseRelease(b.since)!));
}
