import { type Command, Option } from "commander";
import { ExitStatus } from "../ground/exit-status.js";
import { renderInspect } from "../render/inspect.js";
import { Progress } from "../render/progress.js";
import { type InspectOptions, inspect } from "../report/inspect.js";
import {
  addCommonOptions,
  addExamples,
  addImageOptions,
  type CommandContext,
  type CommonOptions,
  type ImageCommandOptions,
  openImageArgument,
  parseAddress,
  parseCpuList,
  writeReport,
} from "./command.js";

interface Options extends CommonOptions, ImageCommandOptions, InspectOptions {
  readonly exitCode?: true;
}

export function define(command: Command, context: CommandContext): void {
  command
    .description(
      "Show everything the writer left in a persistent trace buffer: the layout and the kernels that write it, the boot " +
        "meta, the scratch, and for each CPU its reader, head and commit pages, its records, times and losses. Nothing is " +
        "thrown away: what is damaged is named with its offset, and the rest is read.",
    )
    .argument("[image]", "the raw memory: a file or - (without it, standard input)")
    .addOption(new Option("--cpu <list>", "only these CPUs, like 0,2-3").argParser(parseCpuList("--cpu")))
    .addOption(new Option("--pages", "list every sub-buffer in the kernel's order"))
    .addOption(
      new Option(
        "--phys <addr>",
        "where the area began in physical memory: adds the physical address of everything",
      ).argParser(parseAddress),
    )
    .addOption(new Option("--exit-code", "exit 1 when anything is damaged"));
  addImageOptions(command);
  addCommonOptions(command);
  addExamples(command, [
    ["rbtool inspect dump.bin", "what is in there?"],
    ["rbtool inspect --pages --cpu 0 dump.bin", "CPU 0, sub-buffer by sub-buffer"],
    ["rbtool inspect --phys 0x17ff46000 dump.bin", "with physical addresses"],
    ["zstdcat dump.zst | rbtool inspect --json | jq '.cpus[].events'", "events per CPU, for a script"],
    ["rbtool inspect --exit-code dump.bin >/dev/null || echo damaged", "in CI"],
  ]);
  command.action(async (path: string | undefined, options: Options) => {
    const image = await openImageArgument(path, options, context.io);
    const progress = new Progress(context.io, image.layout.nrCpus * image.layout.geometry.nrSubbufs);
    const report = inspect(image, { ...options, onSubbuf: () => progress.step() });
    progress.done();
    if (options.exitCode && report.diagnostics.some(({ severity }) => severity === "error"))
      context.status = ExitStatus.Findings;
    await writeReport(context, options, report, (style) => renderInspect(report, context.io, style));
  });
}
