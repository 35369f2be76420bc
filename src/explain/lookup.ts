import { type ChangeRow, covers, rangeText } from "../ground/changes.js";
import { nearest } from "../ground/nearest.js";
import { parseRelease, sinceText } from "../ground/release.js";
import { VERSION_TABLES } from "../report/version-tables.js";
import { BOOT } from "./boot.js";
import { TABLE_COLUMNS } from "./columns.js";
import { DIAGNOSTICS } from "./diagnostics.js";
import type { Entry } from "./entry.js";
import { FIELDS } from "./fields.js";
import { COLUMNS, flagsEntry, MARKS } from "./flags.js";
import { DOUBTS, EVIDENCE, REPAIRS, STATES, TORN_KINDS } from "./sub-buffers.js";
import { TERMS } from "./terms.js";
import { AREAS, CPU_VERDICTS, ERRNOS, FITS, MEMORY, RECORDS, SUMMARIES, UPWARDS } from "./verdicts.js";

/** Where a word is met. */
export type Kind =
  | "finding"
  | "reason of check"
  | "state of a sub-buffer"
  | "evidence"
  | "repair"
  | "doubt"
  | "torn memory"
  | "flags"
  | "record"
  | "verdict"
  | "verdict on a CPU"
  | "reading upwards"
  | "answer of mmap()"
  | "event formats"
  | "area"
  | "memory"
  | "column"
  | "mark"
  | "field"
  | "kernel behaviour"
  | "term";

export interface Explanation extends Entry {
  readonly word: string;
  readonly kind: Kind;
}

const TABLES: readonly (readonly [Kind, Readonly<Record<string, Entry>>])[] = [
  ["finding", DIAGNOSTICS],
  ["reason of check", BOOT],
  ["state of a sub-buffer", STATES],
  ["evidence", EVIDENCE],
  ["repair", REPAIRS],
  ["doubt", DOUBTS],
  ["torn memory", TORN_KINDS],
  ["record", RECORDS],
  ["verdict", SUMMARIES],
  ["verdict on a CPU", CPU_VERDICTS],
  ["reading upwards", UPWARDS],
  ["answer of mmap()", ERRNOS],
  ["event formats", FITS],
  ["area", AREAS],
  ["memory", MEMORY],
  ["column", COLUMNS],
  ["column", TABLE_COLUMNS],
  ["mark", MARKS],
  ["field", FIELDS],
  ["term", TERMS],
];

/** Every word that has an explanation, by kind. */
export function words(): { readonly kind: Kind; readonly words: readonly string[] }[] {
  const kinds = new Map<Kind, string[]>();
  for (const [kind, table] of TABLES) kinds.set(kind, [...(kinds.get(kind) ?? []), ...Object.keys(table)]);
  return [...kinds].map(([kind, list]) => ({ kind, words: list }));
}

/** All that a word means; nothing where it is not known. */
export function explain(word: string): Explanation[] {
  const wanted = plain(word);
  const found = TABLES.flatMap(([kind, table]) =>
    Object.entries(table).flatMap(([name, entry]) =>
      plain(name) === wanted || (/^type \d+$/.test(word) && name.startsWith("type "))
        ? [{ word: name, kind, ...entry }]
        : [],
    ),
  );
  const flags = flagsEntry(word);
  if (flags !== undefined) found.push({ word, kind: "flags", ...flags });
  const release = parseRelease(word);
  if (release !== undefined && found.length === 0)
    return rows((row) => covers(row, release)).map((row) => behaviour(word, row));
  if (found.length > 0 || wanted.length < 4) return found;
  return rows(({ change }) => plain(change).includes(wanted)).map((row) => behaviour(word, row));
}

/** The word that a misspelt one was meant to be. */
export function nearestWord(word: string): string | undefined {
  const names = new Map(TABLES.flatMap(([, table]) => Object.keys(table).map((name) => [plain(name), name] as const)));
  const near = nearest(plain(word), names.keys());
  return near === undefined ? undefined : names.get(near);
}

/** `reader-page`, `Reader page` and `reader_page` are one word. */
const plain = (word: string): string =>
  /^[^a-z0-9]*$/i.test(word)
    ? word
    : word
        .toLowerCase()
        .replace(/[\s_-]+/g, " ")
        .replace(/\bsub ?buffer/g, "subbuf")
        .trim();

function rows(wanted: (row: ChangeRow) => boolean): ChangeRow[] {
  return Object.values(VERSION_TABLES).flatMap((table) => table.filter(wanted));
}

function behaviour(word: string, row: ChangeRow): Explanation {
  return {
    word,
    kind: "kernel behaviour",
    means: `${rangeText(row)}: ${row.change} (${row.evidence}: ${row.source})`,
    example: `rbtool check -k ${sinceText(row.since)} dump.bin`,
    advice: "`rbtool check --all` compares the kernels on your image.",
  };
}
