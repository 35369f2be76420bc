import type { EventPages } from "../../events/page.js";
import { Spool } from "../../input/spool.js";
import type { Trace } from "../../trace.js";
import { Shortfalls } from "../shortfalls.js";
import { PageBuilder } from "./page-builder.js";
import { writePageHeader } from "./page-header.js";

/** A CPU's sub-buffers for the file. */
export interface CpuData {
  readonly cpu: number;
  readonly pages: number;
}

/** The sub-buffers that the file gets. */
export interface PageData {
  readonly pageSize: number;
  readonly cpus: readonly CpuData[];
  readonly events: number;
  readonly shortfalls: Shortfalls;
  /** The bytes of all pages, CPU by CPU, in pieces. */
  pieces(): Generator<Buffer>;
}

const PIECE = 1024 * 1024;

/** The image's own sub-buffers where they are as the events say; rebuilt ones otherwise. */
export function pageData(trace: Trace): PageData {
  const { estimates, doubts } = trace.marks();
  const { pages } = trace;
  return pages === undefined || estimates || doubts || pages.some(({ torn }) => torn)
    ? rebuilt(trace)
    : copied(trace, pages);
}

function copied(trace: Trace, sources: readonly EventPages[]): PageData {
  const pageSize = trace.image.layout.geometry.subbufSize;
  return {
    pageSize,
    cpus: sources.map(({ cpu, count }) => ({ cpu, pages: count })),
    events: trace.entries(),
    shortfalls: new Shortfalls(),
    *pieces() {
      const { abi } = trace.image.layout;
      const perPiece = Math.max(1, Math.floor(PIECE / pageSize));
      for (const source of sources) {
        const pages = source.fork();
        for (let from = 0; from < pages.count; from += perPiece) {
          const count = Math.min(perPiece, pages.count - from);
          const piece = Buffer.allocUnsafeSlow(count * pageSize);
          for (let i = 0; i < count; i++) {
            const { bytes, start, size, timeHi, timeLo, missed, missedCount } = pages.page(from + i);
            const page = piece.subarray(i * pageSize, (i + 1) * pageSize);
            page.set(bytes.u8.subarray(start, start + size), start);
            page.fill(0, start + size);
            const time = (BigInt(timeHi) << 32n) | BigInt(timeLo);
            writePageHeader(page, abi, { time, size, missed, missedCount });
          }
          yield piece;
        }
      }
    },
  };
}

function rebuilt(trace: Trace): PageData {
  const { abi, geometry, nrCpus } = trace.image.layout;
  const pageSize = geometry.subbufSize;
  const spool = new Spool();
  const shortfalls = new Shortfalls();
  /** By CPU: which pages of the spool are its own. */
  const places: number[][] = Array.from({ length: nrCpus }, () => []);
  let spooled = 0;
  const builders = places.map(
    (own) =>
      new PageBuilder(abi, pageSize, (page) => {
        own.push(spooled++);
        spool.write(page);
      }),
  );
  const events = trace.events();
  for (let event = events.next(); event !== undefined; event = events.next()) {
    shortfalls.unmarked(event);
    builders[event.cpu]!.add(event);
  }
  for (const builder of builders) builder.finish();
  return {
    pageSize,
    cpus: places.map((own, cpu) => ({ cpu, pages: own.length })),
    events: events.given,
    shortfalls,
    *pieces() {
      const source = spool.finish("rebuilt pages", []);
      for (const own of places) for (const place of own) yield Buffer.from(source.read(place * pageSize, pageSize));
      source.close();
    },
  };
}
