import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { origin } from "../../src/events/clock.js";
import type { TraceEvent } from "../../src/events/event.js";
import type { EventPages } from "../../src/events/page.js";
import { RingIter } from "../../src/events/ring-iter.js";
import { EventStream } from "../../src/events/stream.js";
import { type Abi, subbufHeaderSize } from "../../src/ground/abi.js";
import { Bytes } from "../../src/ground/bytes.js";

/** An event as every reader must see it. */
export type Seen = readonly [time: bigint, cpu: number, pid: number, lost: number];

export function seen(events: Iterable<TraceEvent>): Seen[] {
  return Array.from(events, (event) => [event.exactTime(), event.cpu, event.pid, event.lost] as const);
}

interface BufferCpu {
  readonly cpu: number;
  readonly offset: number;
  readonly size: number;
}

interface TraceDat {
  readonly version: string;
  readonly abi: Abi;
  readonly pageSize: number;
  /** By name; "" is the trace's own. */
  readonly buffers: ReadonlyMap<string, readonly BufferCpu[]>;
  readonly clock: string;
  /** By number of their section, in version 7. */
  readonly sections: ReadonlyMap<number, Buffer>;
}

/** Takes a file of version 7 apart, written down from trace-cmd's documentation. */
export function parseV7(file: Buffer): TraceDat {
  if (file.toString("latin1", 0, 12) !== "\x17\x08\x44tracing7\0") throw new Error("not a trace.dat of version 7");
  const littleEndian = file[12] === 0;
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const u16 = (at: number) => view.getUint16(at, littleEndian);
  const u32 = (at: number) => view.getUint32(at, littleEndian);
  const u64 = (at: number) => Number(view.getBigUint64(at, littleEndian));
  const text = (at: number) => file.toString("latin1", at, file.indexOf(0, at));
  const pageSize = u32(14);
  if (file.toString("latin1", 18, 24) !== "none\0\0") throw new Error("compressed");
  const section = (at: number) => ({ id: u16(at), at: at + 16, length: u64(at + 8) });
  const sections = new Map<number, Buffer>();
  const options = section(u64(24));
  if (options.id !== 0) throw new Error("no options");
  const buffers = new Map<string, readonly BufferCpu[]>();
  let clock = "";
  for (let at = options.at; ; at += 6 + u32(at + 2)) {
    const id = u16(at);
    if (id === 0) break;
    if (id === 3) {
      const buffer = section(u64(at + 6));
      const name = text(at + 14);
      let p = at + 14 + name.length + 1;
      clock = text(p);
      p += clock.length + 1;
      if (u32(p) !== pageSize || buffer.id !== 3) throw new Error("no buffer");
      const cpus = Array.from({ length: u32(p + 4) }, (_, i) => {
        const each = p + 8 + i * 20;
        return { cpu: u32(each), offset: u64(each + 4), size: u64(each + 12) };
      });
      const end = Math.max(...cpus.map(({ offset, size }) => offset + size));
      if (end !== buffer.at + buffer.length) throw new Error("pages do not fill their section");
      buffers.set(name, cpus);
    } else if (id >= 16 && id <= 21) {
      const { id: same, at: from, length } = section(u64(at + 6));
      if (same !== id) throw new Error(`section ${id} is not where its option says`);
      sections.set(id, file.subarray(from, from + length));
    }
  }
  return { version: "7", abi: { littleEndian, longSize: file[13] as 4 | 8 }, pageSize, buffers, clock, sections };
}

/** The events of a buffer's pages. */
export function eventsOf(file: Buffer, { abi, pageSize, buffers }: TraceDat, buffer = ""): EventStream {
  const start = subbufHeaderSize(abi);
  const { littleEndian, longSize } = abi;
  const iters = buffers.get(buffer)!.map(({ cpu, offset, size }) => {
    if (offset % pageSize !== 0) throw new Error(`CPU ${cpu} is not aligned`);
    const pages: EventPages = {
      fork: () => pages,
      cpu,
      count: size / pageSize,
      page(position) {
        const bytes = new Bytes(file.subarray(offset + position * pageSize, offset + (position + 1) * pageSize), abi);
        const commit = bytes.view.getUint32(longSize === 8 && !littleEndian ? 12 : 8, littleEndian);
        const length = commit & 0xfffff;
        const stored = (commit & 0x40000000) !== 0;
        if (bytes.u8.subarray(start + length + (stored ? longSize : 0)).some((byte) => byte !== 0))
          throw new Error("something is left behind the data");
        return {
          bytes,
          start,
          dataStart: start,
          size: length,
          capacity: pageSize - start,
          timeHi: bytes.view.getUint32(littleEndian ? 4 : 0, littleEndian),
          timeLo: bytes.view.getUint32(littleEndian ? 0 : 4, littleEndian),
          missed: commit >>> 31 === 1,
          missedCount: stored ? Number(bytes.long(start + length)) : undefined,
          index: position,
          id: position,
          position,
        };
      },
    };
    return new RingIter(pages, {
      littleEndian,
      origin: origin(0n),
      maxSteps: Number.POSITIVE_INFINITY,
      pageLost: true,
      firstLost: true,
    });
  });
  return new EventStream(iters);
}

const HAS_TRACE_CMD = spawnSync("trace-cmd", ["--version"]).error === undefined;
if (!HAS_TRACE_CMD)
  process.stderr.write("\n*** SKIPPED: no trace-cmd: its report is not compared (apt install trace-cmd) ***\n\n");

export interface Report {
  /** time, CPU, pid and event of each line. */
  readonly events: readonly (readonly [time: bigint, cpu: number, pid: number, name: string])[];
  /** The buffer that each is said to be of. */
  readonly buffers: readonly string[];
  readonly drops: number;
  /** All that it prints. */
  readonly text: string;
  readonly messages: string;
}

const LINE =
  /^\s*(?:(doubtful|estimated|doubtful\+estimated): )?.*?-(-?\d+)\s+\[(\d+)\]\s+(?:(\d+)\.(\d{9})|(\d+)):\s+([^\s:]+)/;

/** Runs `trace-cmd report` on a file. */
function report(file: Buffer, options: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "rbtool-dat-"));
  try {
    const path = join(folder, "trace.dat");
    writeFileSync(path, file);
    return spawnSync("trace-cmd", ["report", ...options, "-i", path], { encoding: "latin1", maxBuffer: 2 ** 30 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Events whose formats it cannot parse, as system:name; undefined where there is no trace-cmd. */
export function unparsed(file: Buffer): string[] | undefined {
  if (!HAS_TRACE_CMD) return undefined;
  const { stderr } = report(file, ["--check-events", "-V3"]);
  return [...new Set(Array.from(stderr.matchAll(/^\s*\[(\w+:\w+)\] /gm), ([, name]) => name!))].sort();
}

/** What trace-cmd shows of a file; undefined where there is no trace-cmd. */
export function traceCmdReport(file: Buffer): Report | undefined {
  if (!HAS_TRACE_CMD) return undefined;
  const { stdout, stderr, status, signal } = report(file, ["-N", "-t"]);
  const events: [bigint, number, number, string][] = [];
  const buffers: string[] = [];
  let drops = 0;
  let behindLoss: string | undefined;
  for (const line of stdout.split("\n")) {
    if (line.includes("EVENTS DROPPED]")) {
      drops++;
      // With the event behind it, it is one text to trace-cmd: the buffer's name stands before it alone.
      behindLoss = /^\s*([a-z+]+): CPU:/.exec(line)?.[1];
    }
    const m = LINE.exec(line);
    if (m === null) continue;
    buffers.push(m[1] ?? behindLoss ?? "");
    behindLoss = undefined;
    events.push([BigInt(m[4] === undefined ? m[6]! : m[4] + m[5]!), Number(m[3]), Number(m[2]), m[7]!]);
  }
  return {
    events,
    buffers,
    drops,
    text: stdout,
    messages: `${stderr}${status === 0 ? "" : `status ${status} ${signal}`}`,
  };
}
