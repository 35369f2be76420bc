import type { Trace } from "../trace/trace.js";

/** Where an export goes: its bytes, in order. */
export interface Sink {
  /**
   * Resolves when the piece is written: its memory may be used again.
   * @param events how many events have been written with this piece, for who waits
   */
  write(bytes: Uint8Array, events: number): Promise<void>;
}

/** Something of the trace that a format cannot hold. */
export interface Shortfall {
  readonly what: string;
  readonly count: number;
}

export interface Exported {
  readonly events: number;
  readonly shortfalls: readonly Shortfall[];
}

/** Which machine's image it is, for tables that many images are put together in. */
export interface Identity {
  readonly host?: string | undefined;
  readonly boot?: string | undefined;
}

/** Writes a trace in one format. */
export type WriteExport = (trace: Trace, sink: Sink, identity: Identity) => Promise<Exported>;
