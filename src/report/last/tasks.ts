import type { TaskState } from "../../derive/tasks/states.js";
import { callReport, isCertainOf, type LastSources, length, workReport } from "./cpus.js";
import { evidence, taskName } from "./evidence.js";

/** Tasks that are told one by one. */
const MOST = 100;

/** A task that is not on a CPU. */
function taskReport(sources: LastSources, task: TaskState) {
  const { trace, endTime, texts } = sources;
  const call = callReport(sources, task.pid);
  return {
    ...taskName(trace, task.pid),
    state: task.letter === "" ? null : task.letter,
    cpu: task.cpu >= 0 ? task.cpu : null,
    since: evidence(task.since),
    for: length(endTime - task.since.t),
    certain: isCertainOf(sources, task.pid, task.since),
    /** The call that it is in, where it is in one that returns. */
    call: call?.returns ? call : null,
    work: workReport(sources, task.pid),
    did: task.last.position < 0 ? null : { ...evidence(task.last), text: texts.of(task.last) },
  };
}
export type TaskReport = ReturnType<typeof taskReport>;

/** Longest first; of more than can be told, the longest. */
function longest(sources: LastSources, wanted: (task: TaskState) => boolean): TaskState[] {
  return [...sources.end.tasks.all()]
    .filter(wanted)
    .sort((a, b) => a.since.t - b.since.t)
    .slice(0, MOST);
}

/** Runnable and not run: woken, or taken off the CPU. */
export function waitingTasks(sources: LastSources) {
  const { tasks } = sources.end;
  // Where events are lost, a CPU that had nothing to run since shows that it did run.
  const waits = (task: TaskState): boolean =>
    task.phase === "runnable" && (isCertainOf(sources, task.pid, task.since) || !tasks.wasPassedOver(task));
  return longest(sources, waits).map((task) => ({
    ...taskReport(sources, task),
    why: task.preempted ? ("preempted" as const) : ("woken" as const),
  }));
}

/** In uninterruptible sleep. */
export function blockedTasks(sources: LastSources) {
  return longest(sources, ({ phase, letter }) => phase === "blocked" && letter === "D").map((task) =>
    taskReport(sources, task),
  );
}

/** Asleep otherwise, in a system call or in a work item: what they wait for is what that waits for. */
export function sleepingTasks(sources: LastSources) {
  const { calls, handlers } = sources.end;
  return longest(
    sources,
    ({ phase, letter, pid }) =>
      phase === "blocked" && letter !== "D" && (calls.of(pid) !== undefined || handlers.top(pid, 0) !== undefined),
  )
    .map((task) => taskReport(sources, task))
    .filter(({ call, work }) => call !== null || work !== null);
}
