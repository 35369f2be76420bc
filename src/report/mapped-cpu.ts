import { hex } from "../ground/hex.js";
import { Sequence } from "../ground/sequence.js";
import type { Image } from "../image/image.js";
import { KernelFault } from "../kernel/fault.js";
import { type LayoutPage, layoutPages } from "../user/layout.js";
import { Mapping } from "../user/mapping.js";
import { placesBy } from "../user/page-id.js";
import type { State } from "../user/state.js";
import { runSteps } from "../user/steps.js";
import { type StructPage, structPage, structPageRule } from "../user/struct-page.js";
import { type MapAnswer, type MapRequest, whoMayMap } from "../user/who-may-map.js";
import { optionalHex } from "./common.js";
import { flushReport, metaReport, stepReport } from "./map-steps.js";
import type { memoryOf } from "./view-choice.js";
import { answerReport } from "./who-may-map.js";

/** How far a program reads on. */
export interface StepChoice {
  /** GET_READER so often. */
  readonly steps?: number;
  /** GET_READER until nothing is left. */
  readonly follow?: boolean;
  /** With each step, its events. */
  readonly events?: boolean;
}

/** What is asked of one CPU. */
interface CpuChoice extends StepChoice {
  readonly request: MapRequest;
  readonly memory: ReturnType<typeof memoryOf>;
  /** Where the area begins in physical memory. */
  readonly phys?: bigint;
}

/** One CPU's mapping, or why there is none. */
export function cpuReport(image: Image, state: State, cpu: State["cpus"][number], choice: CpuChoice) {
  const pageSize = image.layout.geometry.subbufSize;
  const nrSubbufs = (cpu.buffer?.nrPages ?? image.layout.geometry.nrSubbufs - 1) + 1;
  const answer = whoMayMap(state.kernel, choice.memory.kind, choice.request, { nrSubbufs, pageSize });
  const none = {
    meta: null,
    fault: null,
    ids: null,
    structPage: null,
    pages: Sequence.NONE as Sequence<MapPage>,
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
    const { report, mapping } = mappedReport(image, state, cpu.buffer, choice);
    return { report: { cpu: cpu.cpu, answer: answerReport(answer), ...report }, mapping };
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
  choice: CpuChoice,
) {
  const mapping = new Mapping(buffer, state.kernel, choice.memory.kind === "ordinary" ? "ordinary" : "persistent");
  const rule = structPageRule(choice.memory.guess, state.virt, choice.phys);
  const report = {
    meta: metaReport(mapping.meta),
    fault: null as ReturnType<typeof faultReport> | null,
    /** Physical index by bpage->id: buffers[] as it is served. */
    ids: {
      rule: mapping.rule,
      userIdByKernelId: userIdByKernelId(mapping),
    },
    structPage: {
      used: rule.used,
      directMapOffset: rule.directMapOffset === undefined ? null : hex(BigInt.asUintN(64, rule.directMapOffset)),
      note: rule.note,
    },
    pages: pagesReport(image, mapping, choice, (offset) =>
      structPage(rule, { virt: state.virt, phys: choice.phys }, offset, mapping.subbufSize),
    ),
    flushes: mapping.mapFlushes.map(flushReport),
    warnings: [...mapping.reader.warnings],
    steps: [] as ReturnType<typeof stepReport>[],
  };
  try {
    const wanted = { count: choice.steps ?? 0, follow: choice.follow === true, events: choice.events === true };
    for (const step of runSteps(image, mapping, wanted)) report.steps.push(stepReport(step, report.steps.length + 1));
  } catch (error) {
    if (!(error instanceof KernelFault)) throw error;
    report.fault = faultReport(error);
  }
  return { report, mapping };
}

function userIdByKernelId({ idsAtMap, rule }: Mapping): number[] {
  const { kernelIds, persistent } = idsAtMap;
  return Array.from(placesBy(kernelIds), (place) => (rule === "persistent" ? persistent[place]! : place));
}

/**
 * The sub-buffers at their places, as far as the mapping shows them.
 * @param frameOf the page frames of a sub-buffer by its place in the area
 */
function pagesReport(
  image: Image,
  mapping: Mapping,
  choice: CpuChoice,
  frameOf: (offset: number) => StructPage,
): Sequence<MapPage> {
  const { phys } = choice;
  const { pgoff, length } = choice.request;
  const { virtualStart } = image;
  const last = length === undefined ? mapping.nrSubbufs : pgoff + Math.ceil(length / mapping.subbufSize) - 1;
  // Offsets are those of the program's own mapping, which begins at pgoff.
  const before = pgoff * mapping.subbufSize;
  return layoutPages(image, mapping)
    .between(Math.max(0, pgoff - 1), last)
    .map((page) => pageReport(page, frameOf(page.offset), { before, virtualStart, phys }));
}

/** Where the mapping begins: behind so many bytes of the whole, and at these addresses. */
interface MapStart {
  readonly before: number;
  readonly virtualStart: bigint | undefined;
  readonly phys: bigint | undefined;
}

/** Member by member: of a large area there are millions. */
function pageReport(page: LayoutPage, { byRange, byVirtToPage }: StructPage, start: MapStart) {
  return {
    userId: page.userId,
    kernelId: page.kernelId,
    ordinaryId: page.ordinaryId,
    roles: page.roles,
    state: page.state,
    readingOrder: page.readingOrder ?? null,
    mapOffset: page.mapOffset - start.before,
    offset: page.offset,
    timeStamp: page.timeStamp.toString(),
    commit: hex(page.commit),
    size: page.size,
    missedEvents: page.missedEvents,
    events: page.events,
    firstTime: page.firstTime?.toString() ?? null,
    lastTime: page.lastTime?.toString() ?? null,
    virtual: address(start.virtualStart, page.offset),
    physical: address(start.phys, page.offset),
    pfnByRange: optionalHex(byRange),
    pfnByVirtToPage: optionalHex(byVirtToPage),
  };
}

/** One sub-buffer of a mapping. */
export type MapPage = ReturnType<typeof pageReport>;

function address(start: bigint | undefined, offset: number): string | null {
  return start === undefined ? null : hex(start + BigInt(offset));
}

function faultReport({ kind, fn, message }: KernelFault) {
  return { kind, function: fn, message };
}
