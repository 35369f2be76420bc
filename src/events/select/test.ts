import type { RingIter } from "../ring-iter.js";

/** Which events are shown. Called with the iterator at the event. */
export type EventTest = (event: RingIter, type: number) => boolean;
