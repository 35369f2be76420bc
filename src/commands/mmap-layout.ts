import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OutputError, UsageError } from "../ground/errors.js";
import { ExitStatus } from "../ground/exit-status.js";
import { type Io, tell } from "../io.js";
import { renderMmapLayout } from "../render/mmap-layout.js";
import { renderWho } from "../render/who-may-map.js";
import { type MmapLayoutChoice, mmapLayout } from "../report/mmap-layout.js";
import { whoReport } from "../report/who-may-map.js";
import type { CommandSpec, CommonOptions } from "../spec/spec.js";
import type { Mapping } from "../user/mapping.js";
import type { MapRequest } from "../user/who-may-map.js";
import { IMAGE_ARGUMENT, IMAGE_OPTIONS, type ImageCommandOptions, writeReport } from "./command.js";
import { openImageArgument, physicalStart } from "./open-image.js";
import {
  PHYS_OPTION,
  parseNumber,
  REQUEST_OPTIONS,
  type RequestOptions,
  requestOf,
  USER_OPTIONS,
} from "./user-options.js";

interface MmapLayoutOptions
  extends CommonOptions,
    ImageCommandOptions,
    Omit<MmapLayoutChoice, "request" | "events">,
    RequestOptions {
  readonly steps: number;
  readonly write?: string;
  readonly showEvents?: true;
  readonly whoMayMap?: true;
}

export const spec: CommandSpec<MmapLayoutOptions> = {
  description:
    "Shows what a program sees that maps per_cpu/cpuN/trace_pipe_raw: the user meta page (trace_buffer_meta), each " +
    "sub-buffer at its place with its ids by both rules (rb_page_id) and its page frame (rb_struct_page), what is flushed " +
    "when (rb_flush_meta, rb_flush_buffer_page), who may map at all, and what is never mapped. The kernel boots and " +
    "recovers first, as the one that owns the image would. --steps then reads on, one TRACE_MMAP_IOCTL_GET_READER after " +
    "another.",
  arguments: [IMAGE_ARGUMENT],
  options: [
    {
      title: "What to show",
      options: [
        PHYS_OPTION,
        {
          flags: "--steps <count>",
          about: "call GET_READER this many times and show what each call does",
          parse: parseSteps,
          default: 0,
        },
        { flags: "--follow", about: "call GET_READER until nothing is left" },
        {
          flags: "--show-events",
          about: "with --steps or --follow: every event by its place in the mapping",
          was: [{ flags: "--events" }],
        },
        {
          flags: "--write <dir>",
          about:
            "write the mapping's bytes to DIR/cpuN.map, as they are after the last step: a program for the real mapping " +
            "runs on it",
          completes: "directory",
        },
        { flags: "--who-may-map", about: "only the table of kernels and kinds of memory; needs no image" },
      ],
    },
    USER_OPTIONS,
    REQUEST_OPTIONS,
    IMAGE_OPTIONS,
  ],
  examples: [
    ["rbtool mmap-layout --cpu 0 dump.bin", "the mapping of CPU 0, page by page"],
    ["rbtool mmap-layout -k 6.18.15 --steps 4 dump.bin", "and four GET_READER calls, by that kernel"],
    ["rbtool mmap-layout --follow --json dump.bin | jq '.cpus[].steps'", "all that can be read, for a script"],
    ["rbtool mmap-layout --write maps dump.bin", "maps/cpu0.map, maps/cpu1.map: the bytes themselves"],
    ["rbtool mmap-layout --phys 0x17ff46000 dump.bin", "with physical addresses and page frames"],
    ["rbtool mmap-layout --prot rw dump.bin", "what would a writable mapping get?"],
    ["rbtool mmap-layout --who-may-map", "which kernel maps which memory, and which error it gives otherwise"],
  ],
  exits: { 0: "the mapping exists", 1: "mmap() is refused, or the kernel itself would fail" },
  async run([path], options, context) {
    if (options.whoMayMap) {
      const table = whoReport();
      await writeReport(context, options, table, (paper) => [renderWho(table, paper)]);
      return;
    }
    const { showEvents: events = false, ...others } = options;
    if (events && !options.follow && options.steps === 0)
      throw new UsageError("--show-events lists what GET_READER gives: add --steps or --follow");
    const image = await openImageArgument(path, options, context.io);
    const request = requestOf(options);
    const { report, mappings } = mmapLayout(image, {
      ...others,
      ...physicalStart(image, options.phys),
      events,
      request,
    });
    if (report.cpus.some(({ meta }) => meta === null)) context.status = ExitStatus.Findings;
    if (options.write !== undefined) writeMappings(options.write, mappings, request, context.io);
    await writeReport(context, options, report, (paper) => renderMmapLayout(report, paper));
  },
};

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
    throw new OutputError(`--write ${dir}: ${(error as Error).message}`);
  }
  if (mappings.length === 0) tell(io, "no CPU can be mapped: nothing is written");
}
