import { type ExactRelease, isSince, parseRelease, type Release, seriesOf, sinceText } from "./release.js";

/**
 * One difference between kernels. A fix that stable series took over has a row for each of them, which ends where the
 * next series begins (`until`), and one for the mainline release that has it, which does not end. Then every series
 * behaves as its own rows say, and a newer one as mainline.
 */
export interface Change<T> {
  /** First release that behaves so, and the first that no longer does (left out: all since). */
  readonly since: ExactRelease;
  readonly until?: ExactRelease;
  /** How it is known. */
  readonly evidence: Evidence;
  /** Where: file and function, or releases. */
  readonly source: string;
  readonly change: string;
  readonly set: Partial<T>;
}

/**
 * `read`: from that release's source. `placed`: between two releases that were read, by the date of the change.
 * `observed`: from what that release did with images.
 */
export type Evidence = "read" | "placed" | "observed";

/** One row for people, without what it sets. */
export type ChangeRow = Omit<Change<unknown>, "set">;

/** Whether a release is in a row's range. */
export function covers({ since, until }: Pick<ChangeRow, "since" | "until">, release: Release): boolean {
  return isSince(release, since) && (until === undefined || !isSince(release, until));
}

/** What a release does: `base`, and every row that covers it, in the order of the table. */
export function behaviourAt<T extends object>(base: T, changes: readonly Change<T>[], release: Release): T {
  const sets = changes.filter((row) => covers(row, release)).map(({ set }) => set);
  return Object.assign({}, base, ...sets);
}

/** A row's releases, for people: `6.12 to 6.14`, `6.15`, `6.12.17 to 6.12.x`, `6.16 and later`. */
export function rangeText({ since, until }: Pick<ChangeRow, "since" | "until">): string {
  const first = sinceText(since);
  if (until === undefined) return `${first} and later`;
  const [major, minor] = parseRelease(until)!;
  // 5.19 was the last before 6.0, and 6.19 before 7.0.
  const last = minor > 0 ? `${major}.${minor - 1}` : `${major - 1}.19`;
  if (first === last) return first;
  return seriesOf(parseRelease(since)!) === last ? `${first} to ${last}.x` : `${first} to ${last}`;
}
