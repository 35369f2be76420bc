import type { Evidence, Repair, SubbufState } from "../reading/evidence.js";
import type { DoubtCode } from "../reading/resync/explain.js";
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
    advice: "--sure leaves such events out.",
  },
  "stale-line": {
    means: "The cache line that the record lies in seems to hold an older moment.",
    advice: "--sure leaves such events out.",
  },
};
