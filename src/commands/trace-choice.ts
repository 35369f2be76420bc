import type { ChoiceSpec } from "../events/select/spec.js";
import { UsageError } from "../ground/errors.js";
import type { OptionGroup, OptionSpec } from "../spec/spec.js";
import type { TraceSpec } from "../trace/spec.js";
import { CPU_OPTION, parseNames } from "./command.js";

/** The options that choose events. */
export interface ChoiceOptions {
  readonly cpu?: ReadonlySet<number>;
  readonly pid?: ReadonlySet<number>;
  readonly comm?: readonly string[];
  readonly event?: readonly string[];
  readonly filter?: string;
  readonly since?: string;
  readonly until?: string;
  readonly last?: string;
  readonly strict?: true;
  readonly consumed?: true;
  readonly sure?: true;
}

export const EVENT_OPTION: OptionSpec = {
  flags: "--event <glob>",
  about:
    "only these events: a name, system:name or system, with * and ? (`sched_*`); repeat it, or use commas, for more",
  parse: parseNames,
  completes: "event",
};

/** The options that choose a time. */
export type TimeOptions = Pick<ChoiceOptions, "since" | "until" | "last">;

export const TIME_OPTIONS: readonly OptionSpec[] = [
  {
    flags: "--since <time>",
    about: "from this time on: seconds as printed, or -200ms for that long before the last event",
    completes: "nothing",
  },
  { flags: "--until <time>", about: "up to this time, written the same way", completes: "nothing" },
  {
    flags: "--last <length>",
    about: "only the end of the trace: its last 200ms, 1.5s, 5m or 1h; a bare number is seconds",
    completes: "nothing",
  },
];

export const CHOICE_OPTIONS: readonly OptionGroup[] = [
  {
    title: "Which events",
    options: [
      CPU_OPTION,
      { flags: "--pid <list>", about: "only events of these tasks, like 1,5142", parse: parsePids },
      {
        flags: "--comm <glob>",
        about: "only events of tasks with this name (`kworker*`); repeat it, or use commas, for more",
        parse: parseNames,
        completes: "nothing",
      },
      EVENT_OPTION,
      {
        flags: "--filter <expr>",
        about:
          "only events that match, as in an event's filter file: fields, CPU and COMM with == != < <= > >= & ~ && || ! ()",
        completes: "nothing",
      },
      ...TIME_OPTIONS,
      { flags: "--consumed", about: "also events that a reader had already taken, if their bytes are still there" },
      { flags: "--sure", about: "leave out events that may hold foreign bytes (docs/torn.md)" },
      {
        flags: "--strict",
        about: "trust the writer's pointers alone: nothing is repaired, and a bad record ends its sub-buffer",
      },
    ],
  },
];

function parsePids(text: string, before: unknown): ReadonlySet<number> {
  const pids = new Set(before as ReadonlySet<number> | undefined);
  for (const part of text.split(",")) {
    if (!/^\s*-?\d{1,10}\s*$/.test(part))
      throw new UsageError(`--pid ${text}: not a list of pids; write it like 1,5142`);
    pids.add(Number(part));
  }
  return pids;
}

export function parseCount(option: string): (text: string) => number {
  return (text) => {
    if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} ${text}: a whole number from 0 to 999999999`);
    return Number(text);
  };
}

/** The options as plain data. */
export function choiceSpec(options: ChoiceOptions): ChoiceSpec & Pick<TraceSpec, "cpus" | "strict" | "consumed"> {
  const { cpu, pid, comm, event, filter, since, until, last, strict, consumed, sure } = options;
  if (strict && sure)
    throw new UsageError("--sure cannot be combined with --strict, which doubts nothing that it shows");
  return {
    cpus: cpu && [...cpu],
    pids: pid && [...pid],
    comms: comm,
    events: event,
    filter,
    since,
    until,
    last,
    strict,
    consumed,
    sure,
  };
}
