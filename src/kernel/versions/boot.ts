import { behaviourAt, type Change } from "../../ground/changes.js";
import type { Release } from "../../ground/release.js";

/** What differs between kernels in what they do with a persistent buffer at boot. The layout they write is layout.ts. */
export interface BootBehaviour {
  /** setup_trace_scratch() checks module names, sorts the entries and puts the trace clock back. */
  readonly restoresClock: boolean;
  /** rb_cpu_meta_valid() refuses a buffers[] that names a sub-buffer twice. */
  readonly checksDuplicates: boolean;
  /** What rb_cpu_meta_valid() checks of subbuf_size and nr_subbufs. */
  readonly checksSizes: "both" | "none" | "subbuf-size" | "each";
  /** rb_cpu_meta_valid() refuses a CPU one of whose sub-buffers has a commit beyond the page size. */
  readonly checksCommits: boolean;
  /** rb_read_data_buffer() refuses an event whose length is 0, negative or beyond the commit. */
  readonly checksEventLength: boolean;
  /** When "commit on the reader page" ends the walk: by the pages found, or by the address in the meta. */
  readonly readerIsCommit: "pages" | "address";
  /** head_page is set before the reader page is validated (else an invalid reader page uses it uninitialised). */
  readonly headSetFirst: boolean;
  /** Going back over consumed pages: not at all, up to the first page that does not fit, or past such pages. */
  readonly rewind: "none" | "stop" | "skip";
  /** After rewinding, the page skipped as already counted is the original reader page (else the new one). */
  readonly skipsOriginalReader: boolean;
  /** The walk stores each page's event count on that page (else all on the head page). */
  readonly entriesOnPage: boolean;
  /** The walk counts pages with events in pages_touched. */
  readonly countsPagesTouched: boolean;
  /** One invalid page empties the whole CPU, or is dropped alone. */
  readonly invalidPage: "empties-cpu" | "drops-page";
  /** Clearing a sub-buffer (rb_init_page, rb_init_data_page) zeroes its time stamp too. */
  readonly clearsTimeStamp: boolean;
  /** sizes multiply as u32 (else unsigned long) in rb_cpu_meta_valid(). */
  readonly sizeProductIsU32: boolean;
  /** Where a NULL head_page is dereferenced: the function in the crash report, after inlining. */
  readonly faultFunction: string;
  /** enable_instances() names the instance that it could not make, and the error. */
  readonly namesRefused: boolean;
}

/** 6.12.0 to 6.12.16, the first. */
const BASE: BootBehaviour = {
  restoresClock: false,
  checksDuplicates: false,
  checksSizes: "both",
  checksCommits: true,
  checksEventLength: false,
  readerIsCommit: "pages",
  headSetFirst: false,
  rewind: "none",
  skipsOriginalReader: false,
  entriesOnPage: false,
  countsPagesTouched: false,
  invalidPage: "empties-cpu",
  clearsTimeStamp: false,
  sizeProductIsU32: true,
  faultFunction: "rb_allocate_cpu_buffer",
  namesRefused: false,
};

const DUPLICATES: Partial<BootBehaviour> = { checksDuplicates: true, countsPagesTouched: true };
const READER_COMMIT: Partial<BootBehaviour> = { readerIsCommit: "address" };
const EVENT_LENGTH: Partial<BootBehaviour> = { checksEventLength: true };
const ENTRIES: Partial<BootBehaviour> = { entriesOnPage: true };
const FILE = "kernel/trace/ring_buffer.c";

/** The rows in the order of releases. */
export const BOOT_CHANGES: readonly Change<BootBehaviour>[] = [
  {
    since: "6.12.0",
    evidence: "read",
    source: `${FILE} of 6.12.8`,
    change: "the first generation",
    set: {},
  },
  {
    since: "6.12.17",
    until: "6.13.0",
    evidence: "placed",
    source: `${FILE}: not in 6.12.8, in 6.12.38`,
    change: "buffers[] may name no sub-buffer twice; pages_touched counts recovered pages",
    set: DUPLICATES,
  },
  {
    since: "6.12.30",
    until: "6.13.0",
    evidence: "placed",
    source: `${FILE}: not in 6.12.8, in 6.12.38`,
    change: "a commit page that is the reader page is recognised by its address",
    set: READER_COMMIT,
  },
  {
    since: "6.12.75",
    until: "6.13.0",
    evidence: "placed",
    source: `${FILE}: not in 6.12.38, in 6.12.94 and 6.12.107`,
    change: "an event's length is checked against the commit",
    set: EVENT_LENGTH,
  },
  {
    since: "6.12.78",
    until: "6.13.0",
    evidence: "placed",
    source: `${FILE}: not in 6.12.38, in 6.12.94 and 6.12.107`,
    change: "each page keeps its own event count",
    set: ENTRIES,
  },
  {
    since: "6.12.117",
    until: "6.13.0",
    evidence: "observed",
    source: "the message in 6.12.117 (not in 6.12.107, in 7.2.13, not in 7.1.13)",
    change: "an instance that cannot be made is named, with the error",
    set: { namesRefused: true },
  },
  {
    since: "6.13.0",
    evidence: "placed",
    source: "as 6.12.8, by the history of the changes",
    change: "as 6.12",
    set: {},
  },
  {
    since: "6.13.5",
    until: "6.14.0",
    evidence: "placed",
    source: "as 6.12.17, by the date of the change",
    change: "buffers[] may name no sub-buffer twice",
    set: DUPLICATES,
  },
  {
    since: "6.14.0",
    evidence: "placed",
    source: "as 6.12.17, by the history of the changes",
    change: "as 6.12.17",
    set: DUPLICATES,
  },
  {
    since: "6.14.8",
    until: "6.15.0",
    evidence: "placed",
    source: "as 6.12.30, by the date of the change",
    change: "a commit page that is the reader page is recognised by its address",
    set: READER_COMMIT,
  },
  {
    since: "6.15.0",
    evidence: "placed",
    source: "the history of the changes, between 6.12.38 and 6.17.8",
    change: "global header and scratch area; the CPU metas lose magic and addresses",
    set: { ...READER_COMMIT, checksSizes: "none" },
  },
  {
    since: "6.16.0",
    evidence: "placed",
    source: "as 6.17.8 but for the rewinding, and what 6.16.3 and 6.16.12 did with images",
    change: "the scratch area holds the trace clock, which is put back",
    set: { restoresClock: true },
  },
  {
    since: "6.17.0",
    evidence: "read",
    source: `${FILE}, trace.c of 6.17.8; the message is in neither 6.16.3 nor 6.16.12`,
    change: "consumed pages are rewound",
    set: { rewind: "stop" },
  },
  {
    since: "6.18.0",
    evidence: "read",
    source: `${FILE} of 6.18.5 to 6.18.15`,
    change: "as 6.17",
    set: {},
  },
  {
    since: "6.18.16",
    until: "6.19.0",
    evidence: "placed",
    source: `${FILE}: not in 6.18.15; in 6.19.6, released beside 6.18.16`,
    change: "an event's length is checked; the head page is set before the reader page is validated",
    set: { ...EVENT_LENGTH, headSetFirst: true },
  },
  {
    since: "6.18.20",
    until: "6.19.0",
    evidence: "placed",
    source: `${FILE}: as 6.19.10, by the date of the change`,
    change: "each page keeps its own event count",
    set: ENTRIES,
  },
  {
    since: "6.18.27",
    until: "6.19.0",
    evidence: "placed",
    source: "the stable patch for 6.18, by the date of the change",
    change: "after rewinding, the original reader page is not counted twice",
    set: { skipsOriginalReader: true },
  },
  {
    since: "6.19.0",
    evidence: "placed",
    source: `${FILE}: as 6.18.15`,
    change: "as 6.18",
    set: {},
  },
  {
    since: "6.19.6",
    evidence: "read",
    source: `${FILE} of 6.19.6`,
    change: "an event's length is checked; the head page is set before the reader page is validated",
    set: { ...EVENT_LENGTH, headSetFirst: true },
  },
  {
    since: "6.19.10",
    evidence: "read",
    source: `${FILE} of 6.19.10 and 6.19.11 (not in 6.19.6)`,
    change: "each page keeps its own event count",
    set: ENTRIES,
  },
  {
    since: "7.0.0",
    evidence: "placed",
    source: `${FILE}: between 6.19.11 and 7.1.3`,
    change: "as 6.19",
    set: {},
  },
  {
    since: "7.0.4",
    evidence: "placed",
    source: "the stable patch for 7.0, by the date of the change; in 7.1.3",
    change: "after rewinding, the original reader page is not counted twice",
    set: { skipsOriginalReader: true },
  },
  {
    since: "7.1.0",
    evidence: "read",
    source: `${FILE} of 7.1.3, 7.1.8, 7.1.13`,
    change: "as 7.0",
    set: {},
  },
  {
    since: "7.2.0",
    evidence: "read",
    source: `${FILE} of 7.2.6`,
    change: "an invalid page is dropped alone and marked as missed events; rewinding goes past such pages",
    set: {
      checksSizes: "subbuf-size",
      checksCommits: false,
      rewind: "skip",
      invalidPage: "drops-page",
      clearsTimeStamp: true,
      namesRefused: true,
      faultFunction: "__rb_validate_buffer",
    },
  },
  {
    since: "7.2.12",
    evidence: "placed",
    source: `${FILE}: not in 7.2.6, in 7.2.13`,
    change: "nr_subbufs is checked too",
    set: { checksSizes: "each" },
  },
  {
    since: "7.3.0",
    evidence: "read",
    source: `${FILE}, trace.c of 7.3.4`,
    change: "sizes are unsigned long",
    set: { sizeProductIsU32: false },
  },
];

/** How a release boots. */
export function bootBehaviour(release: Release): BootBehaviour {
  return behaviourAt(BASE, BOOT_CHANGES, release);
}
