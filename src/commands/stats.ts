import { type Command, Option } from "commander";
import type { Image } from "../image/image.js";
import type { Io } from "../io.js";
import { renderStats } from "../render/stats.js";
import { styleFor } from "../render/style.js";
import { jsonText } from "../trace/json/strings.js";
import { collectStats, type TraceStats } from "../trace/stats/collect.js";
import { openView, type TraceView, writerFacts } from "../trace/view.js";
import {
  addCommonOptions,
  addExamples,
  type CommandContext,
  type CommonOptions,
  chosenCpus,
  openImageArgument,
} from "./command.js";
import { addChoiceOptions, type ChoiceOptions, choiceTest, parseCount } from "./trace-choice.js";
import { addContextOptions, type ContextOptions, loadContext } from "./trace-context.js";

interface StatsOptions extends CommonOptions, ContextOptions, ChoiceOptions {
  readonly top: number;
}

export function define(command: Command, context: CommandContext): void {
  command
    .description(
      "Counts of the events in the image: by kind, by task, by CPU; the time they span, their rate over it, the longest " +
        "silences, and where events were lost.",
    )
    .argument("[image]", "the raw memory: a file or - (without it, standard input)");
  addContextOptions(command);
  addChoiceOptions(command).addOption(
    new Option("--top <n>", "rows of each table").argParser(parseCount("--top")).default(20),
  );
  addCommonOptions(command);
  addExamples(command, [
    ["rbtool stats --system build.tar.gz dump.bin", "what kind of trace is this?"],
    ["rbtool stats ... --last 1s dump.bin", "who was busy at the end"],
    ["rbtool stats ... --json dump.bin | jq '.events[0]'", "the most frequent event, for a script"],
  ]);
  command.action(async (path: string | undefined, options: StatsOptions) => {
    const image = await openImageArgument(path, context.io);
    await showStats(image, options, context.io);
  });
}

async function showStats(image: Image, options: StatsOptions, io: Io): Promise<void> {
  chosenCpus(image, options.cpu);
  const writer = writerFacts(loadContext(image, options, io));
  const view = openView(image, writer, { cpus: options.cpu });
  const test = choiceTest(options, image, writer, view);
  const report = statsReport(image, view, collectStats(view.merge(), view.comms, test));
  if (options.json) await io.write(`${JSON.stringify(report)}\n`);
  else await io.write(renderStats(report, options.top, io, styleFor(io, options.color)));
}

export type StatsReport = ReturnType<typeof statsReport>;

/** What `rbtool stats` shows, as its JSON document (schemas/stats.json). */
export function statsReport(image: Image, view: TraceView, stats: TraceStats) {
  const { count, histogram } = stats;
  const exact = (t: number): string => (view.origin.value + BigInt(Math.round(t))).toString();
  const duration = count > 0 ? stats.last - stats.first : 0;
  const byCount = <T extends { readonly count: number }>(rows: T[]): T[] => rows.sort((a, b) => b.count - a.count);
  return {
    schema: "rbtool/stats/1" as const,
    image: { name: image.source.name, size: image.source.size },
    clock: { name: image.scratch?.clockName ?? null, nanoseconds: view.inNs },
    total: count,
    time: count === 0 ? null : { first: exact(stats.first), last: exact(stats.last), duration: String(duration) },
    /** Events a second; null where the clock counts no time. */
    rate: view.inNs && duration > 0 ? (count * 1e9) / duration : null,
    events: byCount(
      [...stats.byType].map(([type, n]) => ({
        event: printable(view.text.name(type) ?? `type ${type}`),
        type,
        count: n,
      })),
    ),
    tasks: byCount([...stats.byTask].map(([pid, { comm, count: n }]) => ({ pid, comm: printable(comm), count: n }))),
    cpus: [...stats.byCpu.values()]
      .sort((a, b) => a.cpu - b.cpu)
      .map((cpu) => ({
        cpu: cpu.cpu,
        count: cpu.count,
        first: exact(cpu.first),
        last: exact(cpu.last),
        lostPlaces: cpu.lostPlaces,
        lostEvents: cpu.lostEvents,
        backwards: cpu.backwards,
      })),
    gaps: stats.gaps.map(({ from, to }) => ({ from: exact(from), to: exact(to), length: String(to - from) })),
    histogram: {
      from: count === 0 ? null : exact(histogram.from),
      width: String(histogram.width),
      counts: histogram.used(),
    },
  };
}

/** One character a byte, as the UTF-8 that it may be. */
function printable(text: string): string {
  return JSON.parse(Buffer.from(jsonText(text), "latin1").toString("utf8")) as string;
}
