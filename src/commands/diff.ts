import { type Command, Option } from "commander";
import { UsageError } from "../errors.js";
import { ExitStatus } from "../exit-status.js";
import type { Image } from "../image/image.js";
import { clockCountsNanoseconds } from "../image/scratch.js";
import { KernelFault } from "../kernel/fault.js";
import { renderDiff, renderImageDiff } from "../render/diff.js";
import { styleFor } from "../render/style.js";
import { hex } from "../render/units.js";
import { compareImages } from "../user/compare-images.js";
import type { State } from "../user/state.js";
import { type ViewPage, views } from "../user/views.js";
import { USUAL_REQUEST, whoMayMap } from "../user/who-may-map.js";
import {
  addCommonOptions,
  addExamples,
  type CommandContext,
  type CommonOptions,
  openImageArgument,
} from "./command.js";
import { addUserOptions, chosenStates, memoryOf, stateOf, type UserOptions } from "./user-options.js";

export interface DiffOptions extends CommonOptions, UserOptions {
  readonly pages?: true;
  readonly exitCode?: true;
}

export function define(command: Command, context: CommandContext): void {
  command
    .description(
      "With one image: the kernel's view against a mapping program's. The same sub-buffers under both numbers, in the " +
        "order in which each side would read them, why the ids are not consecutive, which events a program would get " +
        "in the wrong order, what it would see that the kernel no longer counts, and what the user meta page cannot " +
        "tell it. With two images of the same area (before and after a boot, before and after reading): what changed, " +
        "in the kernel's terms and not in bytes.",
    )
    .argument("[image]", "the raw memory: a file or - (without it, standard input)")
    .argument("[after]", "a later image of the same area");
  addUserOptions(command);
  command
    .addOption(new Option("--pages", "every sub-buffer on a line of its own, instead of runs"))
    .addOption(new Option("--exit-code", "exit 1 when the views, or the images, differ"));
  addCommonOptions(command);
  addExamples(command, [
    ["rbtool diff dump.bin", "why are the ids not consecutive, and what would a naive program get wrong?"],
    ["rbtool diff --pages --cpu 0 dump.bin", "the same, sub-buffer by sub-buffer"],
    ["rbtool diff --as-is dump.bin", "before any kernel has booted on it"],
    ["rbtool diff before.bin after.bin", "what did that boot, or that reader, change?"],
    ["rbtool diff --exit-code --json a.bin b.bin | jq '.cpus[].order'", "for a script"],
  ]);
  command.addHelpText("after", "\nExit status: 0; with --exit-code 1 where they differ; 2, 3 as ever.");
  command.action(async (path: string | undefined, after: string | undefined, options: DiffOptions) => {
    const style = styleFor(context.io, options.color);
    if (after === undefined) {
      const report = diffViews(await openImageArgument(path, context.io), options);
      if (options.exitCode && report.differs) context.status = ExitStatus.Findings;
      if (options.json) await context.io.write(`${JSON.stringify(report)}\n`);
      else for (const part of renderDiff(report, context.io, style)) await context.io.write(part);
      return;
    }
    if (options.kernel !== undefined || options.asIs || options.online || options.pages)
      throw new UsageError("two images are compared as they lie: --kernel, --as-is, --online and --pages do not apply");
    if (path === "-" && after === "-") throw new UsageError("only one of two images can come from standard input");
    const [a, b] = [await openImageArgument(path, context.io), await openImageArgument(after, context.io)];
    const report = diffImages(a, b, options);
    if (options.exitCode && !report.same) context.status = ExitStatus.Findings;
    if (options.json) await context.io.write(`${JSON.stringify(report)}\n`);
    else for (const part of renderImageDiff(report, context.io, style)) await context.io.write(part);
  });
}

export type DiffReport = ReturnType<typeof diffViews>;
export type DiffCpu = DiffReport["cpus"][number];
export type ImageDiffReport = ReturnType<typeof diffImages>;

/** Kernel view and user view of one image, as the JSON document (schemas/diff.json). */
export function diffViews(image: Image, options: Omit<DiffOptions, "color">) {
  const { state, chosen } = stateOf(image, options);
  const memory = memoryOf(image, undefined, undefined);
  const cpus = chosenStates(state, options.cpu).map((cpu) => cpuViews(image, state, cpu, options.pages === true));
  const { nrSubbufs, subbufSize } = image.layout.geometry;
  const answer = whoMayMap(state.kernel, memory.kind, USUAL_REQUEST, { nrSubbufs, pageSize: subbufSize });
  return {
    schema: "rbtool/diff/1" as const,
    mode: "views" as const,
    image: { name: image.source.name, size: image.source.size },
    kernel: chosen,
    state: state.origin,
    nanoseconds: image.scratch ? clockCountsNanoseconds(image.scratch.header.values.clock_id) : true,
    mapping: { memory: memory.kind, errno: answer.errno, safe: answer.unsafe === null },
    differs: cpus.some((cpu) => cpu.views?.differs === true),
    cpus,
  };
}

function cpuViews(image: Image, state: State, cpu: State["cpus"][number], allPages: boolean) {
  const rewound = state.boot?.cpus[cpu.cpu]?.rewound ?? 0;
  if (!cpu.buffer) return { cpu: cpu.cpu, views: null, rewound, why: cpu.why };
  try {
    const { pages, runs, lostCount, firstTime, lastTime, firstLate, ...found } = views(image, cpu.buffer, state.kernel);
    const { headPage, commitPage, readerPage } = cpu.buffer;
    return {
      cpu: cpu.cpu,
      rewound,
      why: null,
      views: {
        ...found,
        lostCount: lostCount.toString(),
        firstLate: firstLate
          ? {
              userId: firstLate.userId,
              firstTime: firstLate.firstTime?.toString() ?? null,
              afterUserId: firstLate.afterUserId,
              afterLastTime: firstLate.afterLastTime?.toString() ?? null,
            }
          : null,
        firstTime: firstTime?.toString() ?? null,
        lastTime: lastTime?.toString() ?? null,
        /** What the user meta page says, and what it does not. */
        readerUserId: readerPage.index,
        notInMetaPage: {
          head: headPage ? { kernelId: headPage.id, userId: headPage.index } : null,
          commit: commitPage ? { kernelId: commitPage.id, userId: commitPage.index } : null,
        },
        runs: runs.map((run) => ({
          kernelOrder: run.pages[0]!.kernelOrder,
          kernelId: run.pages[0]!.kernelId,
          userId: run.pages[0]!.userId,
          count: run.pages.length,
          roles: [...new Set(run.pages.flatMap(({ roles }) => roles))].filter(
            (role, _, all) => role !== "ring" || all.length === 1,
          ),
          state: run.pages[0]!.state,
          events: run.pages.reduce((sum, { events }) => sum + events, 0),
          late: run.pages.filter(({ late, state: pageState }) => late && pageState === "live").length,
          firstTime: run.pages.find((page) => page.firstTime !== undefined)?.firstTime?.toString() ?? null,
          lastTime: run.pages.findLast((page) => page.lastTime !== undefined)?.lastTime?.toString() ?? null,
          naiveOrder: run.pages[0]!.naiveOrder,
        })),
        pages: allPages || pages.length <= MAX_JSON_PAGES ? pages.map(pageReport) : null,
        listPages: allPages,
      },
    };
  } catch (error) {
    if (!(error instanceof KernelFault)) throw error;
    return { cpu: cpu.cpu, views: null, rewound, why: `the kernel fails in ${error.fn}(): ${error.message}` };
  }
}

/** Without --pages, JSON lists the sub-buffers of buffers up to this size. */
const MAX_JSON_PAGES = 4096;

function pageReport({ offset, missedCount, firstTime, lastTime, roles, ...page }: ViewPage) {
  return {
    ...page,
    roles: [...roles],
    offset,
    missedCount: missedCount?.toString() ?? null,
    firstTime: firstTime?.toString() ?? null,
    lastTime: lastTime?.toString() ?? null,
  };
}

/** Two images of one area, as the JSON document. */
export function diffImages(a: Image, b: Image, options: Pick<DiffOptions, "cpu"> = {}) {
  const found = compareImages(a, b);
  for (const cpu of options.cpu ?? [])
    if (cpu >= a.cpus.length) throw new UsageError(`--cpu: the images have CPUs 0 to ${a.cpus.length - 1}, not ${cpu}`);
  return {
    schema: "rbtool/diff/1" as const,
    mode: "images" as const,
    before: { name: a.source.name, size: a.source.size },
    after: { name: b.source.name, size: b.source.size },
    same: found.same,
    layout: found.layout,
    area: found.area,
    addressDelta:
      found.addressDelta === null
        ? null
        : `${found.addressDelta < 0n ? "-" : ""}${hex(found.addressDelta < 0n ? -found.addressDelta : found.addressDelta)}`,
    cpus: options.cpu ? found.cpus.filter(({ cpu }) => options.cpu!.has(cpu)) : found.cpus,
  };
}
