import type { TraceEvent } from "../event.js";

/** Which events are wanted. */
export type EventTest = (event: TraceEvent, type: number) => boolean;
