import { type Command, Option } from "commander";
import type { Choice } from "../events/select/choice.js";
import { eventTest } from "../events/select/choice.js";
import { parseFilter } from "../events/select/filter-parse.js";
import type { EventTest } from "../events/select/test.js";
import { parseDuration, parseTimePoint, resolveTime } from "../events/select/time-window.js";
import { UsageError } from "../ground/errors.js";
import { encodeLatin1 } from "../ground/latin1.js";
import type { Image } from "../image/image.js";
import type { WriterFacts } from "../system/writing-kernel.js";
import type { TraceView } from "../trace.js";
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

/** The test of all that was chosen but the CPUs; undefined when nothing is left out. */
export function choiceTest(
  options: ChoiceOptions,
  image: Image,
  writer: WriterFacts,
  view: TraceView,
): EventTest | undefined {
  if (options.last !== undefined && options.since !== undefined)
    throw new UsageError("--last and --since both say where to begin");
  const { since, until } = timeWindow(options, view);
  const choice: Choice = {
    pids: options.pid,
    comms: options.comm?.map(encodeLatin1),
    events: options.event,
    filter: options.filter === undefined ? undefined : parseFilter(options.filter),
    since,
    until,
  };
  return eventTest(choice, {
    littleEndian: image.layout.abi.littleEndian,
    longSize: image.layout.abi.longSize,
    formats: writer.formats,
    names: view.names,
    name: (type) => view.text.builtin(type),
    functionRange: view.functionRange,
  });
}

function timeWindow({ since, until, last }: ChoiceOptions, view: TraceView): { since?: number; until?: number } {
  if (since === undefined && until === undefined && last === undefined) return {};
  const end = view.origin.value + BigInt(view.lastTime() ?? 0);
  const from = (option: string, text: string): number =>
    Number(resolveTime(parseTimePoint(option, text, view.inNs), end) - view.origin.value);
  // Six digits are shown: a time that was read off the screen means all of its microsecond.
  const digit = view.inNs && until !== undefined && !until.startsWith("-") ? 499 : 0;
  const half = view.inNs && since !== undefined && !since.startsWith("-") ? 500 : 0;
  return {
    ...(since === undefined ? {} : { since: from("--since", since) - half }),
    ...(last === undefined
      ? {}
      : { since: Number(end - parseDuration("--last", last, view.inNs) - view.origin.value) }),
    ...(until === undefined ? {} : { until: from("--until", until) + digit }),
  };
}
