import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { InputError, UsageError } from "../errors.js";
import { ExitStatus } from "../exit-status.js";
import type { Image } from "../image/image.js";
import { clockCountsNanoseconds } from "../image/scratch.js";
import { KernelFault } from "../kernel/fault.js";
import { renderMmapLayout, renderWho } from "../render/mmap-layout.js";
import { styleFor } from "../render/style.js";
import { hex } from "../render/units.js";
import type { Flush } from "../user/coherence.js";
import { type LayoutPage, layoutPages } from "../user/layout.js";
import { Mapping } from "../user/mapping.js";
import { regions } from "../user/regions.js";
import { NOT_STORED, type State } from "../user/state.js";
import { runSteps, type Step } from "../user/steps.js";
import { structPage, structPageRule } from "../user/struct-page.js";
import { META_FIELD_SINCE, META_FIELDS, type MetaValues, TRACE_BUFFER_META } from "../user/trace-buffer-meta.js";
import { ERRNO, type MapAnswer, type MapRequest, mappingTable, whoMayMap } from "../user/who-may-map.js";
import {
  addCommonOptions,
  addExamples,
  type CommandContext,
  type CommonOptions,
  openImageArgument,
} from "./command.js";
import {
  addRequestOptions,
  addUserOptions,
  chosenStates,
  memoryOf,
  parseNumber,
  physOption,
  type RequestOptions,
  requestOf,
  stateOf,
  type UserOptions,
} from "./user-options.js";

export interface MmapLayoutOptions extends CommonOptions, UserOptions, RequestOptions {
  readonly steps: number;
  readonly follow?: true;
  readonly events?: true;
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
    const style = styleFor(context.io, options.color);
    if (options.whoMayMap) {
      const table = whoReport();
      if (options.json) await context.io.write(`${JSON.stringify(table)}\n`);
      else await context.io.write(renderWho(table, context.io, style));
      return;
    }
    if (options.events && !options.follow && options.steps === 0)
      throw new UsageError("--events lists what GET_READER gives: add --steps or --follow");
    const image = await openImageArgument(path, context.io);
    const { report, mappings } = mmapLayout(image, options);
    if (report.cpus.some(({ meta }) => meta === null)) context.status = ExitStatus.Findings;
    if (options.write !== undefined)
      writeMappings(options.write, mappings, requestOf(options), (text) => context.io.note(text));
    if (options.json) await context.io.write(`${JSON.stringify(report)}\n`);
    else for (const part of renderMmapLayout(report, context.io, style)) await context.io.write(part);
  });
}

export type MmapLayoutReport = ReturnType<typeof mmapLayout>["report"];
export type MmapCpuReport = MmapLayoutReport["cpus"][number];
export type WhoReport = ReturnType<typeof whoReport>;

/** More steps than any buffer has sub-buffers are of no use. */
const MAX_STEPS = 1_000_000;

function parseSteps(text: string): number {
  const count = parseNumber("--steps")(text);
  if (count > MAX_STEPS) throw new UsageError(`--steps ${text}: at most ${MAX_STEPS}; --follow goes to the end`);
  return count;
}

/** The whole command, as its JSON document (schemas/mmap-layout.json), and the mappings after the last step. */
export function mmapLayout(image: Image, options: MmapLayoutOptions) {
  const { state, chosen } = stateOf(image, options);
  const memory = memoryOf(image, options.memory, options.phys);
  const request = requestOf(options);
  const mappings: Mapping[] = [];
  const cpus = chosenStates(state, options.cpu).map((cpu) => {
    const { report, mapping } = cpuReport(image, state, cpu, { ...options, request, memory });
    if (mapping) mappings.push(mapping);
    return report;
  });
  const report = {
    schema: "rbtool/mmap-layout/1" as const,
    mode: "mapping" as const,
    image: { name: image.source.name, size: image.source.size },
    kernel: chosen,
    state: state.origin,
    nanoseconds: image.scratch ? clockCountsNanoseconds(image.scratch.header.values.clock_id) : true,
    /** What the boot said before it served the mapping. */
    messages: state.boot?.messages ?? [],
    notStored: state.origin === "as-is" ? [...NOT_STORED] : [],
    memory: { kind: memory.kind, assumed: memory.assumed, why: memory.why },
    request: { ...request, length: request.length ?? null },
    virtualStart: image.virtualStart === undefined ? null : hex(image.virtualStart),
    physicalStart: options.phys === undefined ? null : hex(options.phys),
    regions: regions(image).map((region) => ({
      ...region,
      physical: options.phys === undefined ? null : hex(options.phys + BigInt(region.offset)),
    })),
    cpus,
  };
  return { report, mappings };
}

interface CpuChoice extends Omit<MmapLayoutOptions, "memory"> {
  readonly request: MapRequest;
  readonly memory: ReturnType<typeof memoryOf>;
}

function cpuReport(image: Image, state: State, cpu: State["cpus"][number], choice: CpuChoice) {
  const pageSize = image.layout.geometry.subbufSize;
  const nrSubbufs = (cpu.buffer?.nrPages ?? image.layout.geometry.nrSubbufs - 1) + 1;
  const answer = whoMayMap(state.kernel, choice.memory.kind, choice.request, { nrSubbufs, pageSize });
  const none = {
    meta: null,
    fault: null,
    ids: null,
    structPage: null,
    pages: [],
    flushes: [],
    warnings: [],
    steps: [],
  };
  if (!cpu.buffer) {
    // ring_buffer_map(): a CPU without a buffer is not in buffer->cpumask.
    const missing: MapAnswer = answer.allowed
      ? {
          ...answer,
          allowed: false,
          errno: "EINVAL",
          errnoReadOnlyFile: "EINVAL",
          function: "ring_buffer_map",
          why: cpu.why,
        }
      : answer;
    return { report: { cpu: cpu.cpu, answer: answerReport(missing), ...none }, mapping: null };
  }
  if (!answer.allowed || answer.swallowed || answer.unsafe)
    return { report: { cpu: cpu.cpu, answer: answerReport(answer), ...none }, mapping: null };
  try {
    return mappedReport(image, state, cpu.buffer, answer, choice);
  } catch (error) {
    if (!(error instanceof KernelFault)) throw error;
    return {
      report: { cpu: cpu.cpu, answer: answerReport(answer), ...none, fault: faultReport(error) },
      mapping: null,
    };
  }
}

function mappedReport(
  image: Image,
  state: State,
  buffer: NonNullable<State["cpus"][number]["buffer"]>,
  answer: MapAnswer,
  choice: CpuChoice,
) {
  const mapping = new Mapping(buffer, state.kernel, choice.memory.kind === "ordinary" ? "ordinary" : "persistent");
  const rule = structPageRule(choice.memory.guess, state.virt, choice.phys);
  const frame = (offset: number) => structPage(rule, offset, state.virt, choice.phys, mapping.subbufSize);
  const { pgoff, length } = choice.request;
  const last = length === undefined ? mapping.nrSubbufs : pgoff + Math.ceil(length / mapping.subbufSize) - 1;
  const shown = (page: LayoutPage): boolean => page.userId + 1 >= pgoff && page.userId + 1 <= last;
  const address = (start: bigint | null | undefined, offset: number) =>
    start === null || start === undefined ? null : hex(start + BigInt(offset));
  const pages = layoutPages(image, mapping)
    .filter(shown)
    .map(({ roles, timeStamp, commit, firstTime, lastTime, ...page }) => {
      const { byRange, byVirtToPage } = frame(page.offset);
      return {
        ...page,
        // Offsets are those of the program's own mapping, which begins at pgoff.
        mapOffset: page.mapOffset - pgoff * mapping.subbufSize,
        roles: [...roles],
        timeStamp: timeStamp.toString(),
        commit: hex(commit),
        firstTime: firstTime?.toString() ?? null,
        lastTime: lastTime?.toString() ?? null,
        virtual: address(image.virtualStart, page.offset),
        physical: address(choice.phys, page.offset),
        pfnByRange: byRange === null ? null : hex(byRange),
        pfnByVirtToPage: byVirtToPage === null ? null : hex(byVirtToPage),
      };
    });
  const report = {
    cpu: buffer.cpu,
    answer: answerReport(answer),
    meta: metaReport(mapping.meta),
    fault: null as ReturnType<typeof faultReport> | null,
    /** Physical index by bpage->id: buffers[] as it is served. */
    ids: {
      rule: mapping.rule,
      userIdByKernelId: mapping.idsAtMap
        .slice()
        .sort((a, b) => a.page.id - b.page.id)
        .map(({ page }) => mapping.pageId(page)),
    },
    structPage: {
      used: rule.used,
      directMapOffset: rule.directMapOffset === null ? null : hex(BigInt.asUintN(64, rule.directMapOffset)),
      note: rule.note,
    },
    pages,
    flushes: mapping.mapFlushes.map(flushReport),
    warnings: [...mapping.reader.warnings],
    steps: [] as ReturnType<typeof stepReport>[],
  };
  try {
    const wanted = { count: choice.steps, follow: choice.follow === true, events: choice.events === true };
    for (const step of runSteps(image, mapping, wanted)) report.steps.push(stepReport(step, report.steps.length + 1));
  } catch (error) {
    if (!(error instanceof KernelFault)) throw error;
    report.fault = faultReport(error);
  }
  return { report, mapping };
}

function metaReport(meta: MetaValues) {
  return META_FIELDS.map((name) => ({
    name,
    value: TRACE_BUFFER_META.fields[name].type === "u32" ? Number(meta[name]) : meta[name].toString(),
    since: META_FIELD_SINCE[name] ?? null,
    about: TRACE_BUFFER_META.fields[name].about,
  }));
}

function flushReport({ piece, call, mapOffset, length, index }: Flush) {
  return { piece, call, mapOffset, length, userId: index };
}

function stepReport(step: Step, number: number) {
  return {
    step: number,
    readerId: step.readerId,
    swaps: step.swaps.map((swap) => ({ ...swap })),
    from: step.from,
    to: step.to,
    events: step.events,
    firstTime: step.firstTime?.toString() ?? null,
    lastTime: step.lastTime?.toString() ?? null,
    lostEvents: step.lostEvents,
    missedStored: step.missedStoredAt !== null,
    empty: step.empty,
    meta: metaReport(step.meta),
    flushes: step.flushes.map(flushReport),
    warnings: [...step.warnings],
    list: step.list?.map(({ mapOffset, time, length }) => ({ mapOffset, time: time.toString(), length })) ?? null,
  };
}

function answerReport(answer: MapAnswer) {
  const { errno, errnoReadOnlyFile } = answer;
  return {
    ...answer,
    errnoNumber: errno === null ? null : ERRNO[errno].number,
    errnoText: errno === null ? null : ERRNO[errno].text,
    errnoReadOnlyFile,
  };
}

function faultReport({ kind, fn, message }: KernelFault) {
  return { kind, function: fn, message };
}

export function whoReport() {
  return {
    schema: "rbtool/mmap-layout/1" as const,
    mode: "who-may-map" as const,
    rows: mappingTable().map(({ kernel, answers }) => ({
      kernel,
      answers: Object.entries(answers).map(([memory, answer]) => ({ memory, ...answerReport(answer) })),
    })),
  };
}

function writeMappings(
  dir: string,
  mappings: readonly Mapping[],
  { pgoff, length }: MapRequest,
  note: (text: string) => void,
): void {
  try {
    if (!existsSync(dir)) mkdirSync(dir);
    for (const mapping of mappings) {
      const file = join(dir, `cpu${mapping.cpu.cpu}.map`);
      writeFileSync(file, length === undefined ? mapping.bytes(pgoff) : mapping.bytes(pgoff, length));
    }
  } catch (error) {
    throw new InputError(`--write ${dir}: ${(error as Error).message}`);
  }
  if (mappings.length === 0) note("rbtool: no CPU can be mapped: nothing is written\n");
}
