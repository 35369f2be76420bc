import { join } from "node:path";
import { UsageError } from "../ground/errors.js";
import { ExitStatus } from "../ground/exit-status.js";
import { tell } from "../io.js";
import { renderMmapLayout } from "../render/mmap-layout.js";
import { renderWho } from "../render/who-may-map.js";
import { type MmapLayoutChoice, mmapLayout } from "../report/mmap-layout.js";
import { whoReport } from "../report/who-may-map.js";
import type { CommandSpec, CommonOptions } from "../spec/spec.js";
import type { Mapping } from "../user/mapping.js";
import type { MapRequest } from "../user/who-may-map.js";
import type { BootCommandOptions } from "./boot-options.js";
import { IMAGE_ARGUMENT, IMAGE_OPTIONS, type ImageCommandOptions, OVERWRITE_OPTION, writeReport } from "./command.js";
import { openImageArgument, physicalStart } from "./open-image.js";
import { refuseExisting } from "./output-file.js";
import { writeTogether } from "./output-folder.js";
import {
  PHYS_OPTION,
  parseNumber,
  REQUEST_OPTIONS,
  type RequestOptions,
  requestOf,
  USER_OPTIONS,
  viewChoice,
} from "./user-options.js";

interface MmapLayoutOptions
  extends CommonOptions,
    ImageCommandOptions,
    Omit<MmapLayoutChoice, "request" | "events" | "steps" | "follow" | "boot">,
    RequestOptions,
    BootCommandOptions {
  readonly steps: number | "all";
  readonly write?: string;
  readonly force?: true;
  readonly showEvents?: true;
  readonly whoMayMap?: true;
  readonly pages?: true;
}

export const spec: CommandSpec<MmapLayoutOptions> = {
  description:
    "Shows what a program that maps per_cpu/cpuN/trace_pipe_raw sees: the user meta page (trace_buffer_meta), each " +
    "sub-buffer at its place with its ids by both rules (rb_page_id) and its page frame (rb_struct_page), what is flushed " +
    "when (rb_flush_meta, rb_flush_buffer_page), who may map at all, and what is never mapped. First the kernel " +
    "boots and recovers the area, as the one that owns it would; --steps then reads on, one TRACE_MMAP_IOCTL_GET_READER after " +
    "another.",
  arguments: [IMAGE_ARGUMENT],
  options: [
    {
      title: "What to show",
      options: [
        PHYS_OPTION,
        { flags: "--pages", about: "every sub-buffer on a line of its own, instead of runs where there are many" },
        {
          flags: "--steps <count>",
          about: "call GET_READER this many times, or until nothing is left with `all`, and show what each call does",
          parse: parseSteps,
          default: 0,
          was: [{ flags: "--follow", parse: () => "all" }],
        },
        {
          flags: "--show-events",
          about: "with --steps: every event by its place in the mapping",
          was: [{ flags: "--events" }],
        },
        {
          flags: "--write <dir>",
          about:
            "write the mapping's bytes to DIR/cpuN.map, as they are after the last step, to try a mapping program on",
          completes: "directory",
        },
        OVERWRITE_OPTION,
        { flags: "--who-may-map", about: "only the table of kernels and kinds of memory; needs no image" },
      ],
    },
    ...USER_OPTIONS,
    REQUEST_OPTIONS,
    IMAGE_OPTIONS,
  ],
  examples: [
    ["rbtool mmap-layout --cpu 0 dump.bin", "the mapping of CPU 0, page by page"],
    ["rbtool mmap-layout -k 6.18.15 --steps 4 dump.bin", "and four GET_READER calls, by that kernel"],
    ["rbtool mmap-layout --steps all --json dump.bin | jq '.cpus[].steps'", "all that can be read, for a script"],
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
    const { showEvents: events = false, steps: wanted, ...others } = options;
    if (events && wanted === 0) throw new UsageError("--show-events needs --steps: it lists what GET_READER gives");
    if (options.force && options.write === undefined) throw new UsageError("--force needs --write");
    const steps = wanted === "all" ? { steps: 0, follow: true as const } : { steps: wanted };
    const image = await openImageArgument(path, options, context);
    const request = requestOf(options);
    const { report, mappings } = mmapLayout(image, {
      ...viewChoice(others),
      ...steps,
      ...physicalStart(image, options.phys),
      events,
      request,
    });
    if (report.cpus.some(({ meta }) => meta === null)) context.status = ExitStatus.Findings;
    if (options.write !== undefined) {
      await writeMappings(options.write, mappings, request, options);
      if (mappings.length === 0) tell(context.io, "no CPU can be mapped: nothing is written");
    }
    await writeReport(context, options, report, (paper) => renderMmapLayout(report, options.pages === true, paper));
  },
};

/** More steps than any buffer has sub-buffers are of no use. */
const MAX_STEPS = 1_000_000;

function parseSteps(text: string): number | "all" {
  if (text === "all") return text;
  const count = parseNumber("--steps")(text);
  if (count > MAX_STEPS) throw new UsageError(`--steps ${text}: at most ${MAX_STEPS}; \`all\` goes to the end`);
  return count;
}

async function writeMappings(
  dir: string,
  mappings: readonly Mapping[],
  { pgoff, length }: MapRequest,
  options: Pick<MmapLayoutOptions, "force">,
): Promise<void> {
  const files = mappings.map((mapping) => ({
    path: join(dir, `cpu${mapping.cpu.cpu}.map`),
    pieces: mapping.pieces(pgoff, length),
  }));
  for (const { path } of files) refuseExisting(path, options);
  await writeTogether(files);
}
