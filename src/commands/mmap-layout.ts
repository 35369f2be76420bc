import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { InputError, UsageError } from "../ground/errors.js";
import { ExitStatus } from "../ground/exit-status.js";
import { type Io, tell } from "../io.js";
import { renderMmapLayout } from "../render/mmap-layout.js";
import { renderWho } from "../render/who-may-map.js";
import { type MmapLayoutChoice, mmapLayout } from "../report/mmap-layout.js";
import { whoReport } from "../report/who-may-map.js";
import type { Mapping } from "../user/mapping.js";
import type { MapRequest } from "../user/who-may-map.js";
import {
  addCommonOptions,
  addExamples,
  addImageOptions,
  type CommandContext,
  type CommonOptions,
  type ImageCommandOptions,
  openImageArgument,
  writeReport,
} from "./command.js";
import {
  addRequestOptions,
  addUserOptions,
  parseNumber,
  physOption,
  type RequestOptions,
  requestOf,
} from "./user-options.js";

interface MmapLayoutOptions
  extends CommonOptions,
    ImageCommandOptions,
    Omit<MmapLayoutChoice, "request">,
    RequestOptions {
  readonly steps: number;
  readonly write?: string;
  readonly whoMayMap?: true;
}

export function define(command: Command, context: CommandContext): void {
  command
    .description(
      "Show what a program sees that maps per_cpu/cpuN/trace_pipe_raw: the user meta page (trace_buffer_meta), each " +
        "sub-buffer at its place with its ids by both rules (rb_page_id) and its page frame (rb_struct_page), what is " +
        "flushed when (rb_flush_meta, rb_flush_buffer_page), who may map at all, and what is never mapped. The kernel " +
        "boots and recovers first, as the one that owns the image would. --steps then reads on, one " +
        "TRACE_MMAP_IOCTL_GET_READER after another.",
    )
    .argument("[image]", "the raw memory: a file or - (without it, standard input)");
  addUserOptions(command);
  command
    .addOption(physOption())
    .addOption(
      new Option("--steps <count>", "call GET_READER so often and show what each does")
        .argParser(parseSteps)
        .default(0),
    )
    .addOption(new Option("--follow", "call GET_READER until nothing is left"))
    .addOption(new Option("--events", "with --steps or --follow: every event by its place in the mapping"))
    .addOption(
      new Option(
        "--write <dir>",
        "write the mapping's bytes to DIR/cpuN.map, as they are after the last step: a program for the real mapping runs on it",
      ),
    );
  addRequestOptions(command);
  command.addOption(new Option("--who-may-map", "only the table of kernels and kinds of memory; needs no image"));
  addImageOptions(command);
  addCommonOptions(command);
  addExamples(command, [
    ["rbtool mmap-layout --cpu 0 dump.bin", "the mapping of CPU 0, page by page"],
    ["rbtool mmap-layout -k 6.18.15 --steps 4 dump.bin", "and four GET_READER calls, by that kernel"],
    ["rbtool mmap-layout --follow --json dump.bin | jq '.cpus[].steps'", "all that can be read, for a script"],
    ["rbtool mmap-layout --write maps dump.bin", "maps/cpu0.map, maps/cpu1.map: the bytes themselves"],
    ["rbtool mmap-layout --phys 0x17ff46000 dump.bin", "with physical addresses and page frames"],
    ["rbtool mmap-layout --prot rw dump.bin", "what would a writable mapping get?"],
    ["rbtool mmap-layout --who-may-map", "which kernel maps which memory, and with which error not"],
  ]);
  command.addHelpText(
    "after",
    "\nExit status: 0 the mapping exists; 1 mmap() is refused, or the kernel itself would fail; 2, 3 as ever.",
  );
  command.action(async (path: string | undefined, options: MmapLayoutOptions) => {
    if (options.whoMayMap) {
      const table = whoReport();
      await writeReport(context, options, table, (style) => [renderWho(table, context.io, style)]);
      return;
    }
    if (options.events && !options.follow && options.steps === 0)
      throw new UsageError("--events lists what GET_READER gives: add --steps or --follow");
    const image = await openImageArgument(path, options, context.io);
    const request = requestOf(options);
    const { report, mappings } = mmapLayout(image, { ...options, request });
    if (report.cpus.some(({ meta }) => meta === null)) context.status = ExitStatus.Findings;
    if (options.write !== undefined) writeMappings(options.write, mappings, request, context.io);
    await writeReport(context, options, report, (style) => renderMmapLayout(report, context.io, style));
  });
}

/** More steps than any buffer has sub-buffers are of no use. */
const MAX_STEPS = 1_000_000;

function parseSteps(text: string): number {
  const count = parseNumber("--steps")(text);
  if (count > MAX_STEPS) throw new UsageError(`--steps ${text}: at most ${MAX_STEPS}; --follow goes to the end`);
  return count;
}

function writeMappings(dir: string, mappings: readonly Mapping[], { pgoff, length }: MapRequest, io: Io): void {
  try {
    if (!existsSync(dir)) mkdirSync(dir);
    for (const mapping of mappings) {
      const file = join(dir, `cpu${mapping.cpu.cpu}.map`);
      writeFileSync(file, length === undefined ? mapping.bytes(pgoff) : mapping.bytes(pgoff, length));
    }
  } catch (error) {
    throw new InputError(`--write ${dir}: ${(error as Error).message}`);
  }
  if (mappings.length === 0) tell(io, "no CPU can be mapped: nothing is written");
}
