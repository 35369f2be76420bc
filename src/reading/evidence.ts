/** What a sub-buffer is in the ring. One set of words, in code, text and JSON. */
export type SubbufState =
  /** Holds events that nobody has read. */
  | "unread"
  /** A reader took it; it may still hold its data. Or it holds an earlier lap's. */
  | "consumed"
  /** Nothing is committed. */
  | "empty"
  /** An earlier boot threw it out and left only the mark of lost events (since 7.2). */
  | "dropped"
  /** It should hold unread events; none of it can be read. */
  | "lost";

/** Why a sub-buffer is believed, or is not. A closed list: scripts match on these. */
export const EVIDENCES = [
  // not believed
  "empty",
  "no-records",
  /** Its time does not fit the ring: from an earlier lap or an earlier boot. */
  "stale",
  /** The same events are in another sub-buffer. */
  "duplicate",
  // believed
  /** Not read yet, as buffers[], head and commit say. */
  "unread",
  /** Behind the head, its commit and time stamp untouched. */
  "consumed-intact",
  /** Commit was zeroed when it was consumed; the records lead to the end of the page. */
  "consumed-commit-zeroed",
  /** Time stamp and commit were zeroed; the records lead to the end of the page, the time is that of its neighbours. */
  "consumed-all-zeroed",
  /** Whole, where newer events should be: from an earlier lap, as its time says. */
  "older-lap",
] as const;
export type Evidence = (typeof EVIDENCES)[number];

/** What had to be mended in a sub-buffer to believe it. */
export type Repair =
  /** The commit was no record's end, too large, or zero: the records tell it. */
  | "commit-from-records"
  /** The rest behind the last good record is cut off. */
  | "cut-at-damage"
  /** Its records break off and begin again: some of its bytes are not its own. */
  | "resynchronised"
  /** The time stamp did not fit: put between the neighbours, as late as they allow. */
  | "time-from-neighbours"
  /** Its place by buffers[], head and commit did not fit its time: it stands where its time does. */
  | "order-from-time";
