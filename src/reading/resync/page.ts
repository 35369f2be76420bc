/** What is known of a torn sub-buffer from outside its records. */
export interface TornPage {
  readonly view: DataView;
  /** Where the records begin, behind the header, and the end of the page. */
  readonly start: number;
  readonly end: number;
  /** Committed bytes, where the header's word can be believed. */
  readonly committed: number | undefined;
  /** The page's time stamp, where it can be believed. */
  readonly time: bigint | undefined;
  /** Nothing but its own line speaks for the time stamp: where that line is odd, it is an earlier moment's. */
  readonly unconfirmed: boolean;
  /** Nothing in the page is older than this: the time before it. */
  readonly low: bigint | undefined;
  /** Nothing in the page is newer: the next page's time stamp. */
  readonly high: bigint | undefined;
  /** Absolute time stamps that are newer are none: `high`, unless it bounds nothing else. */
  readonly stampsTo?: bigint | undefined;
}
