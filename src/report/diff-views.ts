import { type ViewPage, views } from "../compare/views.js";
import type { Image } from "../image/image.js";
import { KernelFault } from "../kernel/fault.js";
import type { State } from "../user/state.js";
import { USUAL_REQUEST, whoMayMap } from "../user/who-may-map.js";
import { countsNanoseconds, imageReport } from "./common.js";
import { chosenStates, memoryOf, stateOf, type ViewChoice } from "./view-choice.js";

export interface DiffChoice extends ViewChoice {
  /** With every sub-buffer, however many there are. */
  readonly pages?: boolean;
}

export type DiffReport = ReturnType<typeof diffViews>;
export type DiffCpu = DiffReport["cpus"][number];
export type ViewPageReport = ReturnType<typeof pageReport>;

/** Kernel view and user view of one image, as the JSON document (schemas/diff.json). */
export function diffViews(image: Image, options: DiffChoice) {
  const { state, chosen } = stateOf(image, options);
  const memory = memoryOf(image, undefined, { release: chosen.release });
  const cpus = chosenStates(state, options.cpu).map((cpu) => cpuViews(image, state, cpu, options.pages === true));
  const { nrSubbufs, subbufSize } = image.layout.geometry;
  const answer = whoMayMap(state.kernel, memory.kind, USUAL_REQUEST, { nrSubbufs, pageSize: subbufSize });
  return {
    schema: "rbtool/diff/2" as const,
    mode: "views" as const,
    image: imageReport(image),
    kernel: chosen,
    state: state.origin,
    nanoseconds: countsNanoseconds(image),
    mapping: { memory: memory.kind, errno: answer.errno ?? null, safe: answer.unsafe === undefined },
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
        runs: runs.map(({ first, count, roles, events, late, firstTime: from, lastTime: to }) => ({
          kernelOrder: first.kernelOrder ?? null,
          kernelId: first.kernelId,
          userId: first.userId,
          count,
          roles: [...roles].filter((role) => role !== "ring" || roles.size === 1),
          state: first.state,
          events,
          late,
          firstTime: from?.toString() ?? null,
          lastTime: to?.toString() ?? null,
          naiveOrder: first.naiveOrder ?? null,
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

function pageReport(page: ViewPage) {
  return {
    ...page,
    kernelOrder: page.kernelOrder ?? null,
    naiveOrder: page.naiveOrder ?? null,
    missedCount: page.missedCount?.toString() ?? null,
    firstTime: page.firstTime?.toString() ?? null,
    lastTime: page.lastTime?.toString() ?? null,
  };
}
