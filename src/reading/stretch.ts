import type { Doubt } from "./resync/explain.js";

/** Records of a sub-buffer that are believed, one after another. A sound sub-buffer is one stretch. */
export interface Stretch {
  /** Where they begin and end, from the sub-buffer's first byte. */
  readonly start: number;
  readonly end: number;
  readonly events: number;
  /** The time before the first of them: exact, or the best estimate. */
  readonly time: bigint;
  /** How much earlier, and how much later, the times may be; undefined where they are exact. */
  readonly bounds: { readonly early: bigint; readonly late: bigint } | undefined;
  /** Records that may hold foreign bytes. */
  readonly doubts: readonly Doubt[];
  /** Bytes in front of it are no record: events are lost there. */
  readonly lostBefore: boolean;
}
