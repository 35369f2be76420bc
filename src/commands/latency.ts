import { fieldsOfKey, type PairSpec } from "../derive/pairs.js";
import { checkEventField, checkEventNames } from "../events/select/known.js";
import { UsageError } from "../ground/errors.js";
import type { Image } from "../image/image.js";
import { tell } from "../io.js";
import { renderLatency } from "../render/latency.js";
import { latency } from "../report/latency.js";
import type { CommandContext, CommandSpec, CommonOptions } from "../spec/spec.js";
import { writingKernel } from "../system/writing-kernel.js";
import { openTrace } from "../trace/open.js";
import type { Trace } from "../trace/trace.js";
import { IMAGE_ARGUMENT, IMAGE_OPTIONS, type ImageCommandOptions, writeReport } from "./command.js";
import { loadContext } from "./context/load.js";
import { CONTEXT_OPTIONS, type ContextOptions } from "./context/options.js";
import { openImageArgument } from "./open-image.js";
import { parseCount, TIME_OPTIONS, type TimeOptions } from "./trace-choice.js";
import { tellOfChoice } from "./trace-notes.js";

interface LatencyOptions extends CommonOptions, ImageCommandOptions, ContextOptions, TimeOptions {
  readonly event?: Omit<PairSpec, "key">;
  readonly key?: readonly string[];
  readonly top: number;
}

export const spec: CommandSpec<LatencyOptions> = {
  description:
    "How long things took: system calls, interrupts, timers, work, waits for a CPU, block requests, functions. Each row " +
    "has its worst case and where that is. --event gives the time between any two events.",
  arguments: [IMAGE_ARGUMENT],
  options: [
    {
      title: "What to show",
      options: [
        {
          flags: "--event <A..B>",
          about: "from each event A to the next B: names, system:name, globs",
          parse: parsePair,
          completes: "nothing",
        },
        {
          flags: "--key <fields>",
          about:
            "fields that must be the same in A and B, like dev,sector; where they have other names, A's=B's, like " +
            "pid=next_pid; cpu and common_pid too",
          parse: parseKey,
          completes: "nothing",
        },
        { flags: "--top <n>", about: "rows of each table; JSON has all", parse: parseCount("--top"), default: 10 },
      ],
    },
    { title: "Which events", options: TIME_OPTIONS },
    ...CONTEXT_OPTIONS,
    IMAGE_OPTIONS,
  ],
  examples: [
    ["rbtool latency --system build.tar.gz dump.bin", "what took long, and where?"],
    ["rbtool latency --system build.tar.gz --last 1s dump.bin", "in the last second"],
    ["rbtool latency --event block_rq_issue..block_rq_complete --key dev,sector dump.bin", "request by request"],
    [
      "rbtool latency --system build.tar.gz --event sched_waking..sched_switch --key pid=next_pid dump.bin",
      "from each task's wakeup to its run",
    ],
    ["rbtool latency --json dump.bin | jq '.tables[] | select(.name == \"syscalls\")'", "one table, for a script"],
  ],
  async run([path], options, context) {
    const image = await openImageArgument(path, options, context);
    await showLatency(image, options, context);
  },
};

function parsePair(text: string): Omit<PairSpec, "key"> {
  const match = /^(.+?)\.\.(.+)$/.exec(text);
  if (match === null) throw new UsageError(`--event ${text}: two events, like block_rq_issue..block_rq_complete`);
  return { begin: match[1]!, end: match[2]! };
}

function parseKey(text: string): string[] {
  const parts = text.split(",").map((part) => part.trim());
  if (!parts.every((part) => /^[^=\s]+(?:=[^=\s]+)?$/.test(part)))
    throw new UsageError(`--key ${text}: fields of both events, like dev,sector or pid=next_pid`);
  return parts;
}

async function showLatency(image: Image, options: LatencyOptions, context: CommandContext): Promise<void> {
  const { event, key, since, until, last } = options;
  if (key !== undefined && event === undefined) throw new UsageError("--key needs --event");
  const writer = writingKernel(await loadContext(image, options, context.io));
  const trace = openTrace(image, writer, { sure: true, gaps: true, since, until, last });
  if (event !== undefined) checkPair(trace, { ...event, key: key ?? [] });
  const report = latency(trace, event && { ...event, key: key ?? [] });
  for (const lack of report.pairs?.lacking ?? []) tell(context.io, lack);
  await writeReport(context, options, report, (paper) => [renderLatency(report, options.top, paper)]);
  tellOfChoice(context.io, trace);
}

/** Throws UsageError for names and fields that no event has, whether it occurs or not. */
function checkPair({ writer, text }: Trace, { begin, end, key }: PairSpec): void {
  const known = { formats: writer.formats, builtin: text.builtinNames };
  checkEventNames([begin, end], known);
  if (writer.formats.size === 0) return;
  for (const fields of key.map(fieldsOfKey)) {
    checkEventField(begin, fields.begin, known);
    checkEventField(end, fields.end, known);
  }
}
