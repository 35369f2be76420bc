import type { EventStream } from "../events/stream.js";
import { FlagStretches } from "./flag-stretches.js";
import { type FollowedTrace, follow } from "./follow.js";
import { LastEvents } from "./last-events.js";
import { Losses } from "./losses.js";
import { Messages } from "./messages.js";
import { OpenCalls } from "./open/calls.js";
import { GraphStacks } from "./open/graph.js";
import { OpenHandlers } from "./open/handlers.js";
import { Pairs, QUEUED_WORK } from "./pairs.js";
import { Rates } from "./rates.js";
import { RunningTasks } from "./tasks/running.js";
import { TaskStates } from "./tasks/states.js";
import { Ticks } from "./ticks.js";

/** What counts as the end. */
export interface EndSpan {
  /** Since when rates are those of the end. */
  readonly recent: number;
  /** Last events kept of each CPU. */
  readonly lastEvents: number;
}

const MESSAGES = 10;

/** The state that the events leave at their end. */
export interface EndOfTrace {
  readonly running: RunningTasks;
  readonly tasks: TaskStates;
  readonly calls: OpenCalls;
  readonly handlers: OpenHandlers;
  /** Queued work that has not started. */
  readonly queued: Pairs;
  readonly functions: GraphStacks;
  readonly flags: FlagStretches;
  readonly last: LastEvents;
  readonly losses: Losses;
  readonly messages: Messages;
  readonly rates: Rates;
  readonly ticks: Ticks;
}

export function endOf(events: EventStream, trace: FollowedTrace, span: EndSpan): EndOfTrace {
  const end: EndOfTrace = {
    running: new RunningTasks(),
    tasks: new TaskStates(),
    calls: new OpenCalls(trace.syscalls),
    handlers: new OpenHandlers(),
    queued: new Pairs(QUEUED_WORK, trace.kinds.littleEndian),
    functions: new GraphStacks(),
    flags: new FlagStretches(),
    last: new LastEvents(span.lastEvents),
    losses: new Losses(trace.from),
    messages: new Messages(MESSAGES, trace.kinds.littleEndian),
    rates: new Rates(trace.from, span.recent),
    ticks: new Ticks(),
  };
  follow(events, trace.kinds, Object.values(end));
  return end;
}
