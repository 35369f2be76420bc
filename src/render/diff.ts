import { plural, pluralVerb } from "../ground/plural.js";
import { safeText } from "../ground/safe-text.js";
import { Sequence } from "../ground/sequence.js";
import type { DiffCpu, DiffReport, ViewPageReport } from "../report/diff-views.js";
import type { Paper } from "./paper.js";
import type { Style } from "./style.js";
import { rolesText, stateText } from "./subbuf-words.js";
import { tableParts } from "./table.js";
import { time } from "./units.js";
import { glued, wrap } from "./wrap.js";

type CpuViews = NonNullable<DiffCpu["views"]>;

/** Kernel view against user view: a sentence, then for each CPU why, where, and what is wrong with reading upwards. */
export function* renderDiff(report: DiffReport, paper: Paper): Generator<string> {
  yield `${wrap(summary(report, paper.style), paper)}\n`;
  yield `${wrap(setting(report, paper.style), paper)}\n`;
  for (const cpu of report.cpus) {
    if (!cpu.views) {
      yield `\n${paper.style.heading(`CPU ${cpu.cpu}`)}: ${paper.style.warning("no buffer to compare")}: ${safeText(cpu.why ?? "")}\n`;
      continue;
    }
    yield `\n${wrap(headline(cpu, cpu.views, paper.style), paper)}\n`;
    yield `${wrap(`  ${paper.style.heading("Why:")} ${why(cpu, cpu.views)}`, paper, "       ")}\n`;
    yield* table(report, cpu.views, paper);
    yield strip(cpu.views, paper);
    yield remarks(report, cpu.views, paper);
  }
}

function summary(report: DiffReport, style: Style): string {
  const name = style.heading(safeText(report.image.name));
  const all = report.cpus.flatMap(({ views }) => (views ? [views] : []));
  if (all.length === 0) return `${name}: ${style.warning("there is no buffer to compare")}`;
  const sum = (of: (views: CpuViews) => number) => all.reduce((total, views) => total + of(views), 0);
  const late = sum(({ lateEvents }) => lateEvents);
  const stale = sum(({ consumedEvents }) => consumedEvents);
  const events = sum(({ unreadEvents }) => unreadEvents);
  const moved = sum(({ ids }) => ids.moved);
  if (!report.differs)
    return `${name}: ${style.good("kernel and user view agree")}: sub-buffers lie in the order in which they are read, and hold nothing else`;
  const parts: string[] = [];
  if (moved > 0)
    parts.push(
      `${pluralVerb(moved, "sub-buffer", ["lies where its id does", "lie where their ids do"])} not say${because(report.cpus)}`,
    );
  if (late > 0)
    parts.push(`a program reading sub-buffer 0, 1, 2, ... gets ${late} of ${events} events after newer ones`);
  if (stale > 0) parts.push(`and ${stale} that were consumed already`);
  return `${name}: ${style.warning("kernel and user view differ")}: ${parts.join("; ")}`;
}

/** The cause in half a sentence. */
function because(cpus: DiffReport["cpus"]): string {
  const causes = new Set<string>();
  let taken = 0;
  for (const { views, rewound } of cpus) {
    if (!views || views.ids.moved === 0) continue;
    if (rewound > 0 || views.ids.renumbered) causes.add("a boot rewound the ring and renumbered them");
    else if (views.ids.taken.length > 0) taken += views.ids.taken.length;
    else causes.add("they were read, over more than one round of the ring");
  }
  const read = taken > 0 ? [`${taken} ${taken === 1 ? "was" : "were"} read before (each reading exchanges two)`] : [];
  return `, because ${[...read, ...causes].join(", and ")}`;
}

function setting({ kernel, state, mapping }: DiffReport, style: Style): string {
  const origin = state === "as-is" ? "the area as it lies" : `after Linux ${kernel.release} booted on it`;
  const assumed = kernel.assumed && state !== "as-is" ? " (assumed: --kernel says which)" : "";
  const refused = mapping.errno
    ? `; ${style.warning(`that kernel refuses to map ${mapping.memory} memory (${mapping.errno})`)}: the user view is what it would be`
    : "";
  return `${style.faint(`${origin}${assumed}`)}${refused}`;
}

function headline(cpu: DiffCpu, views: CpuViews, style: Style): string {
  const { head, commit } = views.notInMetaPage;
  const parts = [
    `${plural(views.unreadEvents, "event")}, read from sub-buffer ${views.readerUserId} (the reader page)`,
  ];
  if (head) parts.push(`then from ${head.userId} (the head)`);
  if (commit) parts.push(`to ${commit.userId} (the commit page)`);
  return `${style.heading(`CPU ${cpu.cpu}`)}: ${parts.join(" ")}`;
}

/** Why the ids are not consecutive, in plain words. */
function why({ rewound }: DiffCpu, { ids }: CpuViews): string {
  if (ids.moved === 0) return "no reader ever took a sub-buffer: every id is its place in memory.";
  if (rewound > 0)
    return `this boot made ${plural(rewound, "consumed sub-buffer")} readable again and numbered the ring from the oldest on: ids start there, memory does not.`;
  if (ids.renumbered)
    return "a boot before this one rewound consumed sub-buffers and numbered the ring from the oldest on: ids start there, memory does not.";
  const { taken } = ids;
  const [first] = taken;
  const last = taken.at(-1);
  if (first && last) {
    const times = `${pluralVerb(taken.length, "sub-buffer", ["was", "were"])} read`;
    const each =
      taken.length === 1
        ? `The reader took ${first.index} out of the ring and put its old page, ${first.replacedBy}, in its place.`
        : `Each time the reader took the head out of the ring and put its old page in that place: id ${first.id} became sub-buffer ${first.replacedBy}, ${chain(taken)}; the last one taken, ${last.index}, is the reader page (id 0).`;
    return `${times}. ${each}`;
  }
  return `readers exchanged their page with the head at least ${ids.leastSwaps} times, over more than one round of the ring: ${ids.runs
    .slice(0, 6)
    .map(({ id, index, length }) =>
      length === 1 ? `id ${id} is ${index}` : `ids ${id}-${id + length - 1} are ${index}-${index + length - 1}`,
    )
    .join(", ")}${ids.runs.length > 6 ? ", ..." : ""}.`;
}

function chain(taken: CpuViews["ids"]["taken"]): string {
  const shown = taken.slice(1);
  const texts = shown.slice(0, 2).map(({ id, replacedBy }) => `id ${id} became ${replacedBy}`);
  const last = shown.at(-1)!;
  if (shown.length > 3) texts.push("...");
  if (shown.length > 2) texts.push(`id ${last.id} became ${last.replacedBy}`);
  return texts.join(", ");
}

type Run = CpuViews["runs"][number];

function table(report: DiffReport, views: CpuViews, paper: Paper): Generator<string> {
  const runs: Sequence<Run> | readonly Run[] = views.listPages && views.pages ? views.pages.map(asRun) : views.runs;
  const { nanoseconds } = report;
  const rowOf = (run: Run): string[] => [
    run.kernelOrder === null ? paper.style.faint("never") : span(run.kernelOrder + 1, run.count),
    span(run.kernelId, run.count),
    span(run.userId, run.count),
    run.userId === run.kernelId ? paper.style.faint("0") : signed(run.userId - run.kernelId),
    rolesText(run.roles, paper.style, run.count === 1 ? "+" : " to "),
    stateText(run.state, paper.style),
    `${run.events}`,
    time(run.firstTime === null ? undefined : BigInt(run.firstTime), nanoseconds),
    time(run.lastTime === null ? undefined : BigInt(run.lastTime), nanoseconds),
    upwards(run, paper.style),
  ];
  return tableParts(
    [
      { title: "kernel reads", keep: 9 },
      { title: "kernel id", keep: 10 },
      { title: "user id", keep: 10 },
      { title: "moved", align: "right", keep: 8 },
      { title: "role", keep: 7 },
      { title: "state", keep: 4.5 },
      { title: "events", align: "right", keep: 5 },
      { title: "first", align: "right", keep: 4 },
      { title: "last", align: "right", keep: 3 },
      { title: "reading upwards", keep: 6 },
    ],
    new Sequence(runs.length, (i) => rowOf(runs.at(i)!)),
    paper,
  );
}

function asRun(page: ViewPageReport): Run {
  return {
    kernelOrder: page.kernelOrder,
    kernelId: page.kernelId,
    userId: page.userId,
    count: 1,
    roles: [...page.roles],
    state: page.state,
    events: page.events,
    late: page.late && page.state === "unread" ? 1 : 0,
    firstTime: page.firstTime,
    lastTime: page.lastTime,
    naiveOrder: page.naiveOrder,
  };
}

function span(first: number, count: number): string {
  return count === 1 ? `${first}` : `${first}-${first + count - 1}`;
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : `${value}`;
}

function upwards(run: Run, style: Style): string {
  if (run.state === "consumed") return style.warning("read again");
  if (run.naiveOrder === null) return style.faint("-");
  return run.late > 0 ? style.warning("too late") : style.good("in order");
}

/** Memory from its start: which stretch the kernel reads when. */
function strip(views: CpuViews, paper: Paper): string {
  const runs = views.runs.slice().sort((a, b) => a.userId - b.userId);
  const shown = runs.slice(0, MAX_STRIP).map((run) => {
    const place = span(run.userId, run.count);
    if (run.kernelOrder === null) return paper.style.faint(glued(`[${place}: ${run.state}]`));
    const text = glued(`[${place}: read ${span(run.kernelOrder + 1, run.count)}]`);
    if (run.roles.includes("reader")) return paper.style.reader(text);
    return run.roles.includes("head") ? paper.style.head(text) : text;
  });
  const more = runs.length > MAX_STRIP ? " ..." : "";
  return `${wrap(`  ${paper.style.heading("In memory:")} ${shown.join(" ")}${more}`, paper, "             ")}\n`;
}

const MAX_STRIP = 24;
function remarks(report: DiffReport, views: CpuViews, paper: Paper): string {
  const lines: string[] = [];
  if (views.lateEvents > 0)
    lines.push(
      `${views.lateEvents} events on ${plural(views.latePages, "sub-buffer")} come after newer ones when ids are read upwards${example(report, views)}. Follow GET_READER instead: it gives them in order.`,
    );
  if (views.consumedPages > 0)
    lines.push(
      `${plural(views.consumedPages, "sub-buffer")} with ${views.consumedEvents} events were consumed and look unread: only the kernel knows.`,
    );
  if (views.residuePages > 0)
    lines.push(
      `${plural(views.residuePages, "sub-buffer")} whose header is zeroed still ${views.residuePages === 1 ? "holds" : "hold"} old bytes, which a program can see (rbtool page shows them).`,
    );
  if (views.droppedPages > 0)
    lines.push(
      `${pluralVerb(views.droppedPages, "sub-buffer", ["was thrown out at boot and only says", "were thrown out at boot and only say"])} that events are missing.`,
    );
  const { head, commit } = views.notInMetaPage;
  const hidden = [
    head ? `the head (id ${head.kernelId}, sub-buffer ${head.userId})` : null,
    commit ? `the commit page (id ${commit.kernelId}, sub-buffer ${commit.userId})` : null,
    views.firstTime === null
      ? null
      : `the time range (${time(BigInt(views.firstTime), report.nanoseconds)} to ${time(BigInt(views.lastTime!), report.nanoseconds)})`,
    `losses inside the ring (${views.lostPlaces === 0 ? "none" : `${plural(views.lostPlaces, "place")}, ${views.lostCount === "0" ? "uncounted" : views.lostCount}`})`,
  ].filter((text) => text !== null);
  lines.push(`The user meta page cannot say: ${hidden.join(", ")}.`);
  return lines.map((line) => `${wrap(`  ${line}`, paper, "    ")}\n`).join("");
}

/** Where it first goes wrong. */
function example({ nanoseconds }: DiffReport, { firstLate }: CpuViews): string {
  if (!firstLate || firstLate.firstTime === null || firstLate.afterLastTime === null) return "";
  const { userId, firstTime, afterUserId, afterLastTime } = firstLate;
  return ` (first: sub-buffer ${userId} begins at ${time(BigInt(firstTime), nanoseconds)}, ${afterUserId} before it went up to ${time(BigInt(afterLastTime), nanoseconds)})`;
}
