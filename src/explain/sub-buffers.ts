import type { Evidence, Repair, SubbufState } from "../reading/evidence.js";
import type { DoubtCode } from "../reading/resync/explain.js";
import type { TornKind } from "../reading/torn-places.js";
import type { Entry } from "./entry.js";

/** What a sub-buffer is. */
export const STATES: Readonly<Record<SubbufState, Entry>> = {
  unread: { means: "It holds events that nobody has read yet." },
  consumed: {
    means: "A reader took its events. Its bytes may still be there.",
    advice: "`rbtool events --consumed` shows what is left.",
  },
  empty: { means: "Nothing was ever committed in it, or all of it was cleared." },
  dropped: {
    means: "An earlier boot found it invalid and threw it out. Only the mark of lost events is left (since 7.2).",
  },
  lost: {
    means: "It should hold unread events, and none of it can be read.",
    advice: "`rbtool page` shows its bytes.",
  },
};

/** Why a sub-buffer is believed, or is not (`recover --salvage`, `page`). */
export const EVIDENCE: Readonly<Record<Exclude<Evidence, SubbufState>, Entry>> = {
  "consumed-intact": {
    means: "It was read before the crash, and its commit and time stamp are untouched (6.18 to 7.1).",
  },
  "consumed-commit-zeroed": {
    means: "It was read, and its commit was zeroed (6.12 to 6.16). Its records lead exactly to the end of the page.",
  },
  "consumed-all-zeroed": {
    means:
      "It was read, and commit and time stamp were zeroed (since 7.2). Its records lead to the end of the page; every time " +
      "in it is the latest possible.",
  },
  "no-records": { means: "Nothing in it can be a record." },
  stale: { means: "Its time does not fit the ring: it is of an earlier lap or an earlier boot. It is not shown." },
  duplicate: { means: "The same records are in another sub-buffer. They are shown once." },
};

/** What had to be mended to believe it. */
export const REPAIRS: Readonly<Record<Repair, Entry>> = {
  "commit-from-records": { means: "The commit was impossible. The records tell where the data ends." },
  "cut-at-damage": { means: "What follows the last good record is cut off." },
  resynchronised: {
    means: "Its records break off and begin again, because some of its bytes are not its own (docs/torn.md).",
  },
  "time-from-neighbours": {
    means: "Its time stamp was impossible. It gets one between its neighbours', as late as they allow.",
  },
  "order-from-time": { means: "Its place did not fit its time. It stands where its time does." },
};

/** Why an event is marked with `?`. */
export const DOUBTS: Readonly<Record<DoubtCode, Entry>> = {
  "line-border": {
    means:
      "The record reaches over the border of a 64-byte cache line next to a break. The part beyond it may not be its own.",
    example: "<...>-512     [001] d..2.    ~7.101234: ? sched_switch: ...",
    advice: "--sure leaves such events out.",
  },
  "stale-line": {
    means: "The cache line that the record lies in seems to hold an older moment.",
    example: "<...>-77      [000] d..2.    ~7.100987: ? sched_waking: ...",
    advice: "--sure leaves such events out.",
  },
};

const FLUSH = "Have the caches flushed before a reset (panic, watchdog, firmware), or map the area uncached.";

/** What bytes that are not believed look like (`inspect`). */
export const TORN_KINDS: Readonly<Record<TornKind, Entry>> = {
  "stale-lines": {
    means: "Cache lines that were not written back: they hold what was there a moment, or a lap of the ring, before.",
    example: "83 places look like cache lines of 64 bytes that were not written back",
    advice: FLUSH,
  },
  "zeroed-lines": {
    means: "Cache lines of zeros: they were never written back to memory that was cleared before.",
    example: "120 places look like cache lines of 64 bytes that were cleared, or never written back to cleared memory",
    advice: FLUSH,
  },
  "single-bits": {
    means: "One bit more or less would make an event of the bytes, such as others are: memory that lost its refresh.",
    example: "14 places look like single bits that changed: memory that lost its refresh",
    advice: "The machine was off for too long, or its memory is bad.",
  },
  overwritten: {
    means: "Longer ranges hold something else: firmware, a boot loader or another kernel wrote there.",
    example: "7 places look like ranges that something else overwrote: 23164 bytes",
    advice: "Reserve the area in the device tree or by memmap=, where nothing else is put at boot.",
  },
  unclear: {
    means: "A place too short, or at no border that would tell what it is.",
    example: "61 places look like other bytes than an event's, and do not tell whose",
  },
};
