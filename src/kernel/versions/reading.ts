import { behaviourAt, type Change } from "../../ground/changes.js";
import type { Release } from "../../ground/release.js";

/** What differs between kernels in how a reader takes sub-buffers out of the ring (rb_get_reader_page()). */
export interface ReaderBehaviour {
  /** What is zeroed in the old reader page as it is put back into the ring. */
  readonly consumedPage: "commit" | "nothing" | "commit-and-time";
  /** Pages that may be passed in one call before the kernel warns and gives up. */
  readonly maxLoops: "three" | "pages";
  /** A page whose commit says that events were lost before it makes lost_events -1. */
  readonly reportsDropped: boolean;
  /** rb_per_cpu_empty() asks the counters alone (else whether the pages hold anything unread). */
  readonly emptyByCount: boolean;
  /** rb_meta_subbuf_idx() reckons from the meta's first byte, not from buffers[]: one too many near a page's end. */
  readonly indexForgetsMeta: boolean;
  /** buffer_meta shows the commit of each sub-buffer (rbm_show()). */
  readonly metaShowsCommits: boolean;
}

const FILE = "kernel/trace/ring_buffer.c";

const BASE: ReaderBehaviour = {
  consumedPage: "commit",
  maxLoops: "three",
  reportsDropped: false,
  emptyByCount: false,
  indexForgetsMeta: true,
  metaShowsCommits: false,
};

export const READER_CHANGES: readonly Change<ReaderBehaviour>[] = [
  {
    since: "6.15.0",
    evidence: "placed",
    source: `${FILE}: rb_per_cpu_empty(), not in 6.12.107, in 6.17.8`,
    change: "a CPU is empty when its counters say so, whatever its pages hold",
    set: { emptyByCount: true },
  },
  {
    since: "6.17.0",
    evidence: "placed",
    source: `${FILE}: 6.12.107 and images of 6.16.12 zero it, 6.17.8 does not`,
    change: "a consumed sub-buffer keeps its commit",
    set: { consumedPage: "nothing" },
  },
  {
    since: "7.2.0",
    evidence: "read",
    source: `${FILE} of 7.2.6 (not in 7.1.13)`,
    change: "a consumed sub-buffer loses commit and time stamp; dropped pages are passed and reported as lost events",
    set: { consumedPage: "commit-and-time", maxLoops: "pages", reportsDropped: true },
  },
  {
    since: "7.2.0",
    evidence: "observed",
    source: `${FILE}: rbm_show(); the files of 7.1.13 and 7.2.13`,
    change: "`buffer_meta` shows each sub-buffer's commit",
    set: { metaShowsCommits: true },
  },
  {
    since: "7.2.12",
    evidence: "placed",
    source: `${FILE}: not in 7.2.6, in 7.2.13`,
    change: "a sub-buffer's physical index is reckoned from where the sub-buffers begin",
    set: { indexForgetsMeta: false },
  },
];

/** How a release's readers behave. */
export function readerBehaviour(release: Release): ReaderBehaviour {
  return behaviourAt(BASE, READER_CHANGES, release);
}
