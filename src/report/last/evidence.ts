import type { TraceEvent } from "../../events/event.js";
import { decodeLatin1 } from "../../ground/latin1.js";
import type { Trace } from "../../trace/trace.js";

/** Where a statement can be checked: the event, and where its record begins in the image. */
export interface Evidence {
  readonly cpu: number;
  readonly time: string;
  readonly offset: number;
}

export function evidence(event: Pick<TraceEvent, "cpu" | "exactTime" | "offset">): Evidence {
  return { cpu: event.cpu, time: event.exactTime().toString(), offset: event.offset };
}

/** A task as people write it: `ls-5111`, `swapper/1` where it is the idle one. */
export interface TaskName {
  readonly pid: number;
  readonly comm: string;
}

/** What a task is called at the end of the trace. */
export function taskName({ names }: Trace, pid: number, position = Number.MAX_SAFE_INTEGER): TaskName {
  return { pid, comm: decodeLatin1(names.at(pid, position)) };
}
