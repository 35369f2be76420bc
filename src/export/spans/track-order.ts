import type { Track, TrackKind } from "../../derive/spans.js";

/** What stands on tracks of each kind, in the order that they are shown. */
export const TRACK_KINDS: Readonly<Record<TrackKind, string>> = {
  cpu: "tasks",
  interrupts: "interrupts",
  task: "system calls and work",
  functions: "functions",
};

const ORDER = Object.keys(TRACK_KINDS) as TrackKind[];

/** CPUs first, then tasks; each by number. */
export function byKindAndNumber(a: Track, b: Track): number {
  return ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || a.id - b.id;
}
