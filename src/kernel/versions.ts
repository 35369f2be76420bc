import { UsageError } from "../ground/errors.js";

/**
 * What differs between kernels in what they do with a persistent buffer at boot. One row a change, in the order of
 * releases; a kernel behaves as the last row at or before its version in its own series says. Rows marked `read` come
 * from that release's source; the others are placed between two releases that were read, from the date of the change.
 */
export interface KernelBehaviour {
  /** 1: a meta for each CPU only (6.12 to 6.14). 2: global header, scratch, CPU metas (since 6.15). */
  readonly generation: 1 | 2;
  /** Fields of struct trace_scratch: none in generation 1; without clock_id in 6.15. */
  readonly scratch: "none" | "no-clock" | "clock";
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
  /** alloc_buffer() refuses an area whose share for a CPU is smaller than a CPU's meta. */
  readonly checksShare: boolean;
  /** buffer_meta shows each sub-buffer's commit. */
  readonly showsCommits: boolean;
  /** sizes multiply as u32 (else unsigned long) in rb_cpu_meta_valid(). */
  readonly sizeProductIsU32: boolean;
  /** Where a NULL head_page is dereferenced: the function in the crash report, after inlining. */
  readonly faultFunction: string;
}

interface Row {
  /** First version of this behaviour, in this series. */
  readonly since: string;
  /** read: from that release's source. placed: by the change's date, between the releases named in `source`. */
  readonly evidence: "read" | "placed";
  readonly source: string;
  readonly change: string;
  readonly set: Partial<KernelBehaviour>;
}

/** 6.12.0 to 6.12.16, the first. */
const BASE: KernelBehaviour = {
  generation: 1,
  scratch: "none",
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
  checksShare: false,
  showsCommits: false,
  sizeProductIsU32: true,
  faultFunction: "rb_allocate_cpu_buffer",
};

const DUPLICATES: Partial<KernelBehaviour> = { checksDuplicates: true, countsPagesTouched: true };
const READER_COMMIT: Partial<KernelBehaviour> = { readerIsCommit: "address" };
const EVENT_LENGTH: Partial<KernelBehaviour> = { checksEventLength: true };
const ENTRIES: Partial<KernelBehaviour> = { entriesOnPage: true };
const FILE = "kernel/trace/ring_buffer.c";

/** Each series (x.y) with its changes; a series starts from all that the series named in `from` ended with. */
const SERIES: ReadonlyArray<{ series: string; from?: { series: string; upTo: string }; rows: readonly Row[] }> = [
  {
    series: "6.12",
    rows: [
      { since: "6.12.0", evidence: "read", source: `${FILE} of 6.12.8`, change: "the first generation", set: {} },
      {
        since: "6.12.17",
        evidence: "placed",
        source: `${FILE}: not in 6.12.8, in 6.12.38`,
        change: "buffers[] may name no sub-buffer twice; pages_touched counts recovered pages",
        set: DUPLICATES,
      },
      {
        since: "6.12.30",
        evidence: "placed",
        source: `${FILE}: not in 6.12.8, in 6.12.38`,
        change: "a commit page that is the reader page is recognised by its address",
        set: READER_COMMIT,
      },
      {
        since: "6.12.75",
        evidence: "placed",
        source: `${FILE}: not in 6.12.38, in 6.12.94 and 6.12.107`,
        change: "an event's length is checked against the commit",
        set: EVENT_LENGTH,
      },
      {
        since: "6.12.78",
        evidence: "placed",
        source: `${FILE}: not in 6.12.38, in 6.12.94 and 6.12.107`,
        change: "each page keeps its own event count",
        set: ENTRIES,
      },
    ],
  },
  {
    series: "6.13",
    from: { series: "6.12", upTo: "6.12.0" },
    rows: [
      {
        since: "6.13.0",
        evidence: "placed",
        source: "as 6.12.8, by the history of the changes",
        change: "as 6.12",
        set: {},
      },
      {
        since: "6.13.5",
        evidence: "placed",
        source: "as 6.12.17, by the date of the change",
        change: "buffers[] may name no sub-buffer twice",
        set: DUPLICATES,
      },
    ],
  },
  {
    series: "6.14",
    from: { series: "6.12", upTo: "6.12.17" },
    rows: [
      {
        since: "6.14.0",
        evidence: "placed",
        source: "as 6.12.17, by the history of the changes",
        change: "as 6.12.17",
        set: {},
      },
      {
        since: "6.14.8",
        evidence: "placed",
        source: "as 6.12.30, by the date of the change",
        change: "a commit page that is the reader page is recognised by its address",
        set: READER_COMMIT,
      },
    ],
  },
  {
    series: "6.15",
    from: { series: "6.12", upTo: "6.12.30" },
    rows: [
      {
        since: "6.15.0",
        evidence: "placed",
        source: "the history of the changes, between 6.12.38 and 6.17.8",
        change: "global header and scratch area; the CPU metas lose magic and addresses",
        set: { generation: 2, scratch: "no-clock", checksSizes: "none" },
      },
    ],
  },
  {
    series: "6.16",
    from: { series: "6.15", upTo: "6.15.0" },
    rows: [
      {
        since: "6.16.0",
        evidence: "placed",
        source: "as 6.17.8 but for the rewinding, and what 6.16.3 and 6.16.12 did with images",
        change: "the scratch area holds the trace clock, which is put back",
        set: { scratch: "clock", restoresClock: true },
      },
    ],
  },
  {
    series: "6.17",
    from: { series: "6.16", upTo: "6.16.0" },
    rows: [
      {
        since: "6.17.0",
        evidence: "read",
        source: `${FILE}, trace.c of 6.17.8; the message is in neither 6.16.3 nor 6.16.12`,
        change: "consumed pages are rewound",
        set: { rewind: "stop" },
      },
    ],
  },
  {
    series: "6.18",
    from: { series: "6.17", upTo: "6.17.0" },
    rows: [
      { since: "6.18.0", evidence: "read", source: `${FILE} of 6.18.5 to 6.18.15`, change: "as 6.17", set: {} },
      {
        since: "6.18.16",
        evidence: "placed",
        source: `${FILE}: not in 6.18.15; in 6.19.6, released beside 6.18.16`,
        change: "an event's length is checked; the head page is set before the reader page is validated",
        set: { ...EVENT_LENGTH, headSetFirst: true },
      },
      {
        since: "6.18.20",
        evidence: "placed",
        source: `${FILE}: as 6.19.10, by the date of the change`,
        change: "each page keeps its own event count",
        set: ENTRIES,
      },
      {
        since: "6.18.27",
        evidence: "placed",
        source: "the stable patch for 6.18, by the date of the change",
        change: "after rewinding, the original reader page is not counted twice",
        set: { skipsOriginalReader: true },
      },
    ],
  },
  {
    series: "6.19",
    from: { series: "6.18", upTo: "6.18.0" },
    rows: [
      { since: "6.19.0", evidence: "placed", source: `${FILE}: as 6.18.15`, change: "as 6.18", set: {} },
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
    ],
  },
  {
    series: "7.0",
    from: { series: "6.19", upTo: "6.19.10" },
    rows: [
      { since: "7.0.0", evidence: "placed", source: `${FILE}: between 6.19.11 and 7.1.3`, change: "as 6.19", set: {} },
      {
        since: "7.0.4",
        evidence: "placed",
        source: "the stable patch for 7.0, by the date of the change; in 7.1.3",
        change: "after rewinding, the original reader page is not counted twice",
        set: { skipsOriginalReader: true },
      },
    ],
  },
  {
    series: "7.1",
    from: { series: "7.0", upTo: "7.0.4" },
    rows: [{ since: "7.1.0", evidence: "read", source: `${FILE} of 7.1.3, 7.1.8, 7.1.13`, change: "as 7.0", set: {} }],
  },
  {
    series: "7.2",
    from: { series: "7.1", upTo: "7.1.0" },
    rows: [
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
          showsCommits: true,
          faultFunction: "__rb_validate_buffer",
        },
      },
      {
        since: "7.2.12",
        evidence: "placed",
        source: `${FILE}: not in 7.2.6, in 7.2.13`,
        change: "nr_subbufs is checked too",
        set: { checksSizes: "each", checksShare: true },
      },
    ],
  },
  {
    series: "7.3",
    from: { series: "7.2", upTo: "7.2.12" },
    rows: [
      {
        since: "7.3.0",
        evidence: "read",
        source: `${FILE}, trace.c of 7.3.4`,
        change: "sizes are unsigned long",
        set: { sizeProductIsU32: false },
      },
    ],
  },
];

/** A kernel release as the user named it, and the behaviour it has. */
export interface Kernel {
  /** As given. */
  readonly release: string;
  /** x.y.z; z is 0 where it was left out. */
  readonly version: readonly [number, number, number];
  readonly behaviour: KernelBehaviour;
  /** The rows that made it so, oldest first. */
  readonly rows: readonly KernelRow[];
  /** Where the newest row was read. */
  readonly source: string;
  /** Newer than everything known: the newest known behaviour stands in. */
  readonly beyondKnown: boolean;
}

/** One line of the table, for documentation and `check --json`. */
export interface KernelRow {
  readonly since: string;
  readonly evidence: "read" | "placed";
  readonly source: string;
  readonly change: string;
}

/** The newest release whose source was read. */
export const NEWEST_KNOWN = "7.3.4";
/** The first kernel with a persistent ring buffer. */
export const OLDEST_KNOWN = "6.12";

function parse(text: string): [number, number, number] | null {
  const match = /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,5}))?/.exec(text.trim());
  if (!match) return null;
  return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rowsOf(series: string, upTo: readonly number[]): Row[] {
  const entry = SERIES.find((candidate) => candidate.series === series);
  if (!entry) return [];
  const inherited = entry.from ? rowsOf(entry.from.series, parse(entry.from.upTo)!) : [];
  return [...inherited, ...entry.rows.filter((row) => compare(parse(row.since)!, upTo) <= 0)];
}

/**
 * The behaviour of a kernel, by its version or by a whole `uname -r` such as 6.18.15+deb13-cloud-amd64.
 * Without the third number the newest release of the series is meant.
 */
export function kernelBehaviour(release: string): Kernel {
  const version = parse(release);
  if (!version) throw new UsageError(`not a kernel version: ${release} (for example 6.12.107, 7.3)`);
  if (compare(version, parse(OLDEST_KNOWN)!) < 0)
    throw new UsageError(`kernel ${release} has no persistent ring buffer: the first is ${OLDEST_KNOWN}`);
  const bare = /^v?\d+\.\d+(?![.\d])/.test(release.trim());
  const [major, minor] = version;
  const wanted = SERIES.find((entry) => entry.series === `${major}.${minor}`);
  const series = wanted ?? SERIES[SERIES.length - 1]!;
  const upTo = bare || !wanted ? [Infinity, 0, 0] : version;
  const rows = rowsOf(series.series, upTo);
  const behaviour: KernelBehaviour = Object.assign({}, BASE, ...rows.map((row) => row.set));
  return {
    release,
    version,
    behaviour,
    rows: rows.map(({ since, evidence, source, change }) => ({ since, evidence, source, change })),
    source: rows[rows.length - 1]!.source,
    beyondKnown: !wanted,
  };
}

/** Every row of the table, in order, for documentation. */
export function allRows(): KernelRow[] {
  return SERIES.flatMap((entry) =>
    entry.rows.map(({ since, evidence, source, change }) => ({ since, evidence, source, change })),
  );
}

/** Releases that behave alike. */
export interface KernelRange {
  /** For people: `6.16 to 6.18.15, 6.19 to 6.19.5`. */
  readonly label: string;
  /** The first of them. */
  readonly kernel: Kernel;
}

/** Every distinct behaviour of a generation, oldest first. */
export function kernelRanges(generation: 1 | 2): KernelRange[] {
  const segments = SERIES.flatMap(({ series, rows }) =>
    rows.map(({ since }, i) => {
      const next = rows[i + 1];
      const [major, minor, patch] = parse(since)!;
      const from = patch === 0 ? `${major}.${minor}` : since;
      const to = next ? `${major}.${minor}.${parse(next.since)![2] - 1}` : `${series}.x`;
      return { from, to, kernel: kernelBehaviour(since), last: next === undefined };
    }),
  ).filter(({ kernel }) => kernel.behaviour.generation === generation);
  const ranges: { key: string; kernel: Kernel; parts: { from: string; to: string; until: number }[] }[] = [];
  segments.forEach(({ from, to, kernel }, i) => {
    const key = JSON.stringify(kernel.behaviour);
    const range = ranges.find((candidate) => candidate.key === key);
    const last = range?.parts.at(-1);
    if (last && last.until === i - 1) Object.assign(last, { to, until: i });
    else if (range) range.parts.push({ from, to, until: i });
    else ranges.push({ key, kernel, parts: [{ from, to, until: i }] });
  });
  const newest = segments.length - 1;
  return ranges.map(({ kernel, parts }) => ({
    kernel,
    label: parts
      .map(({ from, to, until }) => {
        if (until === newest && generation === 2) return `${from} and later`;
        return `${from}.x` === to ? from : `${from} to ${to}`;
      })
      .join(", "),
  }));
}
