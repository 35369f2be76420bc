import type { Difference } from "../support/kernel-text.js";

/**
 * What is not right yet, and the only place where that is written down. The tests compare with it exactly: a line too
 * many fails, and so does one too few, until the number here is lowered.
 */

/** Why a line is not the kernel's, told by the two lines alone. The first that fits counts. */
const KINDS: readonly { readonly kind: string; readonly fits: (want: string, got: string) => boolean }[] = [
  // A function of the kernel that rbtool does not know.
  { kind: "marker", fits: (_want, got) => /<\w+\(.*\)>/.test(got) },
  {
    kind: "probe's head",
    fits: (want, got) => /: \([\w.+/]+\) /.test(want) && want.replace(/\([\w.+/]+\) /, " ") === got,
  },
  { kind: "probe's fault", fits: (want) => want.includes("(fault)") },
  // The kernel prints a number that depends on its own jiffies.
  { kind: "variable of the kernel", fits: (_want, got) => got.includes("<unknown>") },
  // Names and numbers of arguments are in the kernel's BTF.
  { kind: "arguments of a function", fits: (want) => /(?:^|[|: ]) *[\w.]+\(.*\)(?: <-|;| \{| \[)/.test(want) },
  // A `char *` field by field: print_fields() shows where its own copy of the event lies, not the pointer.
  {
    kind: "address of the kernel's copy",
    fits: (want, got) => want.replace(COPY, "=P") === got.replace(COPY, "=P"),
  },
  // Symbols of modules, and of data.
  { kind: "symbol", fits: (want, got) => plainSymbols(want) === plainSymbols(got) },
  // A context switch or wakeup with a state that cannot be: the kernel shows what lies behind the string of states.
  { kind: "task's state", fits: (want) => /:[\d ]+:.?(?: ==> | {3}\+ )\[/.test(want) },
  { kind: "system call's arguments", fits: (want) => /: sys_\w+\(/.test(want) },
  { kind: "other", fits: () => true },
];

const COPY = /=\(0x[0-9a-f]+(?::[^)]*)?\)/g;

/** A line without its columns, whose task may have no name, and with one word for every symbol. */
function plainSymbols(line: string): string {
  return line.replace(/^.*?: /, "").replace(/(?:0x[0-9a-f]+|[\w.]+(?:\+0x[0-9a-f]+\/0x[0-9a-f]+)?)(?: \[\w+\])?/g, "S");
}

/** How many of the lines differ, by kind. */
export function countKinds(differing: readonly Difference[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { want = "", got = "" } of differing) {
    const { kind } = KINDS.find(({ fits }) => fits(want, got))!;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** By kind, how many. */
type Shortfalls = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Image: lines of its kernel's `trace` file that are not equal yet, by kind. */
export const SHORT_OF_TRACE: Shortfalls = {
  "forged-g7.3base-s1": { marker: 1, "variable of the kernel": 18 },
  "forged-g7.3ftrace-s1": { "task's state": 109, "arguments of a function": 26 },
  "forged-g7.3mods-s1": { "variable of the kernel": 9 },
  "forged-s390x7.2-s1": { "variable of the kernel": 15 },
  "g7.3-btrfs": { "variable of the kernel": 21 },
  "g7.3-deaths": { "variable of the kernel": 2 },
  "g7.3-ext4": { "variable of the kernel": 28 },
  "g7.3-graph": { "arguments of a function": 327 },
  "g7.3-kaslrmm": { symbol: 341 },
  "g7.3-probes": { "probe's head": 185 },
};

/** Image: lines of the writing kernel's own view that are not equal yet, by kind. */
export const SHORT_OF_FIRST_BOOT: Shortfalls = {
  "g7.3-kaslrmm": { "variable of the kernel": 28 },
};

/** Image and view: lines that are not equal yet, by kind. */
export const SHORT_OF_VIEWS: Shortfalls = {
  "forged-g7.3base-s1 fields": { "address of the kernel's copy": 660 },
  "forged-g7.3ftrace-s1 latency-format": { "task's state": 109, "arguments of a function": 26 },
  "forged-s390x7.2-s1 fields": { "address of the kernel's copy": 40 },
  "g7.3-graph latency": { "arguments of a function": 327 },
  "g7.3-graph noparent": { "arguments of a function": 327 },
  "g7.3-graph symaddr": { "arguments of a function": 327 },
  "g7.3-graph symoffset": { "arguments of a function": 327 },
  "g7.3-probes latency": { "probe's head": 185 },
  "g7.3-probes nocontext": { "probe's head": 185 },
  "g7.3-probes nohash": { "probe's head": 185 },
  "g7.3-probes symaddr": { "probe's head": 185 },
  "g7.3-probes symoffset": { "probe's head": 185 },
  "g7.3-probes tgid": { "probe's head": 185 },
  "g7.3-probes verbose": { "probe's head": 185 },
  "l7.2-clobber fields": { "address of the kernel's copy": 848 },
};

/** Folder of kernels/: events with a marker in their text. */
export const NOT_TOLD: Readonly<Record<string, number>> = {};

/** What is behind all of them, for the console. */
export function shortfallLine(table: Shortfalls): string {
  const sums = new Map<string, number>();
  for (const counts of Object.values(table))
    for (const [kind, count] of Object.entries(counts)) sums.set(kind, (sums.get(kind) ?? 0) + count);
  return [...sums].map(([kind, count]) => `${kind} ${count}`).join(", ") || "nothing";
}
