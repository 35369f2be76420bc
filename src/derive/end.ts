import type { EventStream } from "../events/stream.js";
import type { SyscallNames } from "../system/syscalls/names.js";
import { FlagStretches } from "./flag-stretches.js";
import { follow } from "./follow.js";
import type { KindFacts } from "./kinds.js";
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

/** What is known of a trace before its events are. */
export interface EndFacts {
  readonly kinds: KindFacts;
  readonly syscalls: SyscallNames;
  /** Since when all CPUs are covered, and since when rates are those of the end. */
  readonly from: number;
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
  /** Work that was queued and has not begun. */
  readonly queued: Pairs;
  readonly functions: GraphStacks;
  readonly flags: FlagStretches;
  readonly last: LastEvents;
  readonly losses: Losses;
  readonly messages: Messages;
  readonly rates: Rates;
  readonly ticks: Ticks;
}

export function endOf(events: EventStream, facts: EndFacts): EndOfTrace {
  const end: EndOfTrace = {
    running: new RunningTasks(),
    tasks: new TaskStates(),
    calls: new OpenCalls(facts.syscalls),
    handlers: new OpenHandlers(),
    queued: new Pairs(QUEUED_WORK, facts.kinds.littleEndian),
    functions: new GraphStacks(),
    flags: new FlagStretches(),
    last: new LastEvents(facts.lastEvents),
    losses: new Losses(facts.from),
    messages: new Messages(MESSAGES, facts.kinds.littleEndian),
    rates: new Rates(facts.from, facts.recent),
    ticks: new Ticks(),
  };
  follow(events, facts.kinds, Object.values(end));
  return end;
}
