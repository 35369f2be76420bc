import type { EventFormat } from "../../system/formats/parse-format.js";
import type { TraceEvent } from "../event.js";
import { fieldPlans } from "../fields.js";
import type { EventTest } from "./test.js";

/** Fields in which the scheduler's and its neighbours' events name a task beside the one that runs. */
const PIDS: ReadonlySet<string> = new Set(["pid", "prev_pid", "next_pid", "parent_pid", "child_pid", "old_pid"]);
const SYSTEMS: ReadonlySet<string> = new Set(["sched", "task", "signal", "oom"]);

/** A task's own events, and those that are about it, on whatever CPU. */
export function followTest(pid: number, formats: ReadonlyMap<number, EventFormat>, littleEndian: boolean): EventTest {
  const byType = new Map<number, readonly ((event: TraceEvent) => unknown)[]>();
  return (event, type) => {
    if (event.pid === pid) return true;
    let getters = byType.get(type);
    if (getters === undefined) {
      const format = formats.get(type);
      getters =
        format !== undefined && SYSTEMS.has(format.system)
          ? fieldPlans(format, littleEndian).flatMap(({ name, get }) => (PIDS.has(name) ? [get] : []))
          : [];
      byType.set(type, getters);
    }
    return getters.some((get) => get(event) === pid);
  };
}
