import type { CpuArea } from "../image/cpu-area.js";
import { type Image, subbufBytes } from "../image/image.js";
import type { Candidate } from "./subbuf-reading.js";
import { rises } from "./times/longest-rise.js";

/** Pages that take the same time and are compared byte by byte: a hostile image has thousands. */
const MAX_ALIKE = 32;

function repeated<T extends number | bigint>(sorted: Iterable<T>): Set<T> {
  const found = new Set<T>();
  let before: T | undefined;
  let added: T | undefined;
  for (const value of sorted) {
    if (value === before && value !== added) {
      found.add(value);
      added = value;
    }
    before = value;
  }
  return found;
}

/** Those whose time stamp another has too; a time stamp that is lost may have been any. */
function withSameStamp(pages: readonly Candidate[]): readonly Candidate[] {
  const stamps = BigUint64Array.from(pages, ({ header }) => header.timeStamp).sort();
  if (stamps[0] === 0n) return pages;
  const twice = repeated(stamps);
  return twice.size === 0 ? [] : pages.filter(({ header }) => twice.has(header.timeStamp));
}

/**
 * All its events, several, have the time at which the page before it ends: the clock ticks seldom. A task that does one thing over and
 * over fills page after page in one tick, with the same bytes.
 */
function isOfOneTick(page: Candidate, before: Candidate | undefined): boolean {
  const { time, records } = page;
  return before?.time === time && rises(before, page) && records.events > 1 && records.last === 0;
}

/** Of two with the same records the one that has its time stamp tells more, then the one whose commit is right. */
function soundness({ header, torn }: Candidate): number {
  return (header.timeStamp === 0n ? 0 : 2) + (torn ? 0 : 1);
}

/** The same records twice, but in one tick of the clock: the unread, or the sounder, or the earlier one, stays. */
export function dropDuplicates(image: Image, cpu: CpuArea, pages: readonly Candidate[]): void {
  const filled = pages.filter(({ records }) => records.events > 0);
  // By the time that the records take: hardly any two pages have the same.
  const twice = repeated(Float64Array.from(filled, ({ records }) => records.last).sort());
  const alike = withSameStamp(filled.filter(({ records }) => twice.has(records.last)));
  const ofOneTick = new Set(pages.filter((page, i) => isOfOneTick(page, pages[i - 1])));
  const byLast = new Map<number, Candidate[]>();
  // A torn page has more behind where its records break off.
  const data = ({ index, records, torn }: Candidate) =>
    subbufBytes(image, cpu, index).u8.subarray(image.subbufs.headerSize, torn ? undefined : records.end);
  const isConsumed = ({ role }: Candidate): boolean => role === "consumed";
  const add = (page: Candidate): void => {
    const { records, header } = page;
    const others = byLast.get(records.last);
    if (others === undefined) {
      byLast.set(records.last, [page]);
      return;
    }
    if (ofOneTick.has(page)) return;
    const same = others.findIndex(
      (other) =>
        other.records.end === records.end &&
        (other.header.timeStamp === header.timeStamp || header.timeStamp === 0n || other.header.timeStamp === 0n) &&
        Buffer.compare(data(page), data(other)) === 0,
    );
    const other = others[same];
    if (other === undefined) {
      if (others.length < MAX_ALIKE) others.push(page);
    } else if (isConsumed(other) === isConsumed(page) && soundness(page) > soundness(other)) {
      other.evidence = "duplicate";
      others[same] = page;
    } else page.evidence = "duplicate";
  };
  for (const page of alike) if (!isConsumed(page)) add(page);
  for (const page of alike) if (isConsumed(page)) add(page);
}
