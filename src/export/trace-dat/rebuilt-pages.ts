import { isDoubtful, type TraceEvent } from "../../events/event.js";
import type { Source } from "../../input/source.js";
import { Spool } from "../../input/spool.js";
import type { Trace } from "../../trace/trace.js";
import { Shortfalls } from "../shortfalls.js";
import { PageBuilder } from "./page-builder.js";
import type { PageData } from "./page-data.js";
import { Survey } from "./survey.js";

/**
 * Buffers by the marks of their events: trace-cmd shows a buffer's name before each of its lines, KernelShark as a stream of
 * its own. The first is the trace's.
 */
const BUFFERS = ["", "doubtful", "estimated", "doubtful+estimated"] as const;

function bufferOf(event: TraceEvent): number {
  return (isDoubtful(event) ? 1 : 0) + (event.page.bounds === undefined ? 0 : 2);
}

/** Pages made anew from the events: from those of torn memory, and from chosen ones. */
export function rebuiltPages(trace: Trace): PageData {
  const { abi, geometry, nrCpus } = trace.image.layout;
  const pageSize = geometry.subbufSize;
  const spool = new Spool();
  const shortfalls = new Shortfalls();
  /** By buffer and CPU: which pages of the spool are its own. */
  const places: number[][][] = BUFFERS.map(() => Array.from({ length: nrCpus }, () => []));
  let spooled = 0;
  const builders = places.map((cpus) =>
    cpus.map(
      (own) =>
        new PageBuilder(abi, pageSize, (page) => {
          own.push(spooled++);
          spool.write(page);
        }),
    ),
  );
  const events = trace.events();
  for (let event = events.next(); event !== undefined; event = events.next()) {
    if (event.page.bounds !== undefined) shortfalls.add(BOUNDS);
    builders[bufferOf(event)]![event.cpu]!.add(event);
  }
  for (const cpus of builders) for (const builder of cpus) builder.finish();
  let source: Source | undefined;
  const used = places.filter((cpus, i) => i === 0 || cpus.some((own) => own.length > 0));
  return {
    pageSize,
    buffers: used.map((cpus) => ({
      name: BUFFERS[places.indexOf(cpus)]!,
      cpus: cpus.map((own, cpu) => ({ cpu, pages: own.length })),
    })),
    events: events.given,
    shortfalls,
    survey: new Survey(trace).walk(),
    *pieces(buffer) {
      source ??= spool.finish("rebuilt pages", []);
      for (const own of used[buffer]!) for (const place of own) yield source.read(place * pageSize, pageSize);
      if (buffer === used.length - 1) source.close();
    },
  };
}

const BOUNDS = "how far estimated times may be off: that they are estimates is marked";
