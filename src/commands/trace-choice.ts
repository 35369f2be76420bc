import { type Command, Option } from "commander";
import type { ChoiceSpec } from "../events/select/spec.js";
import { UsageError } from "../ground/errors.js";
import type { TraceSpec } from "../trace.js";
import { parseCpuList } from "./command.js";

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

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  ...value.split(","),
];

export function addChoiceOptions(command: Command): Command {
  return command
    .addOption(new Option("--cpu <list>", "only these CPUs, like 0,2-3").argParser(parseCpuList("--cpu")))
    .addOption(new Option("--pid <list>", "only events of these tasks, like 1,5142").argParser(parsePids))
    .addOption(
      new Option(
        "--comm <glob>",
        "only events of tasks so named (`kworker*`); again or with commas for more",
      ).argParser(collect),
    )
    .addOption(
      new Option(
        "--event <glob>",
        "only these events: a name, system:name or system, with * and ? (`sched_*`); again or with commas for more",
      ).argParser(collect),
    )
    .addOption(
      new Option(
        "--filter <expr>",
        "only events that match, as in an event's filter file: fields, CPU and COMM with == != < <= > >= & ~ && || ! ()",
      ),
    )
    .addOption(new Option("--since <time>", "from this time on: seconds as printed, or -200ms before the last event"))
    .addOption(new Option("--until <time>", "up to this time: the same"))
    .addOption(new Option("--last <length>", "only the last so much time: 200ms, 1.5s"))
    .addOption(new Option("--consumed", "also events that a reader had taken, where their bytes are still there"))
    .addOption(new Option("--sure", "without events that may hold foreign bytes (docs/torn.md)"))
    .addOption(
      new Option("--strict", "by the writer's pointers alone: nothing is mended, a bad record ends its sub-buffer"),
    );
}

function parsePids(text: string): ReadonlySet<number> {
  const pids = new Set<number>();
  for (const part of text.split(",")) {
    if (!/^\s*-?\d{1,10}\s*$/.test(part))
      throw new UsageError(`--pid ${text}: not a list of pids; write it like 1,5142`);
    pids.add(Number(part));
  }
  return pids;
}

export function parseCount(option: string): (text: string) => number {
  return (text) => {
    if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} ${text}: not a number`);
    return Number(text);
  };
}

/** The options as plain data. */
export function choiceSpec(options: ChoiceOptions): ChoiceSpec & Pick<TraceSpec, "cpus" | "strict" | "consumed"> {
  const { cpu, pid, comm, event, filter, since, until, last, strict, consumed, sure } = options;
  if (strict && sure) throw new UsageError("--strict doubts nothing that it shows: without --sure");
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
