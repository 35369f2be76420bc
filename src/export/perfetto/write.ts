import { machineName } from "../../derive/machine-name.js";
import type { TraceEvent } from "../../events/event.js";
import type { EventStream } from "../../events/stream.js";
import type { Trace } from "../../trace/trace.js";
import type { End, Parts } from "../parts.js";
import { OWN_UNITS, Shortfalls } from "../shortfalls.js";
import type { Shortfall } from "../sink.js";
import { EventEncoders, MAX_CPU } from "./event-encoder.js";
import { Marks } from "./marks.js";
import { packet } from "./packets.js";
import { ProtoWriter } from "./proto.js";

/** TracePacket */
const FTRACE_EVENTS = 1;
const PROCESS_TREE = 2;
const SYSTEM_INFO = 45;
/** FtraceEventBundle */
const BUNDLE = { cpu: 1, event: 2, lostEvents: 3, descriptors: 11 } as const;
const BUNDLE_SIZE = 64 * 1024;
const SPARE = 16 * 1024;
/** Events of a part. */
const PART = 65_536;

interface Facts {
  readonly events: number;
  /** Of CPUs that the trace processor has no room for. */
  readonly refused: number;
  readonly shortfalls: readonly Shortfall[];
}

/**
 * A trace of Perfetto (protos/perfetto/trace, v55): bundles of events of one CPU each, with no loss inside. The clock of
 * ftrace is not named: then it counts as boot time, and times are shown as they are.
 */
export const perfettoParts = (trace: Trace): Parts => new PerfettoParts(trace);

class PerfettoParts implements Parts<Facts> {
  readonly batch = PART;
  readonly apart = true;
  readonly lead = 0;
  private readonly shortfalls = new Shortfalls();
  private readonly encoders: EventEncoders;
  private readonly bundles: (Bundle | undefined)[] = [];
  /** Bundles that are to be written. */
  private readonly full: Buffer[] = [];
  private readonly start: number;
  private written = 0;
  private refused = 0;

  constructor(private readonly trace: Trace) {
    this.encoders = new EventEncoders(trace, this.shortfalls);
    this.start = Number(trace.origin.value);
  }

  head(): Buffer {
    return about(this.trace);
  }

  *pieces(events: EventStream, most: number): Generator<Buffer> {
    const marks = new Marks(this.trace);
    this.encoders.begin();
    this.written = 0;
    this.refused = 0;
    const end = events.given + most;
    for (let more = true; more; ) {
      more = this.fill(events, end, marks);
      yield* this.full.splice(0);
    }
    for (const bundle of this.bundles) if (bundle !== undefined) this.finish(bundle);
    yield* this.full.splice(0);
    if (marks.any) yield marks.take();
  }

  facts(): Facts {
    return { events: this.written, refused: this.refused, shortfalls: this.shortfalls.take() };
  }

  end(parts: readonly Facts[]): End {
    const shortfalls = new Shortfalls();
    let [written, leftOut] = [0, 0];
    for (const part of parts) {
      shortfalls.addAll(part.shortfalls);
      written += part.events;
      leftOut += part.refused;
    }
    shortfalls.add(`events of CPUs from ${MAX_CPU} on: left out`, leftOut);
    if (!this.trace.inNs) shortfalls.add(OWN_UNITS, written);
    return { foot: Buffer.alloc(0), shortfalls: shortfalls.list(), leftOut };
  }

  /** Puts events into bundles until one is full; false at their end. */
  private fill(events: EventStream, end: number, marks: Marks): boolean {
    while (events.given < end) {
      const event = events.next();
      if (event === undefined) return false;
      if (event.cpu >= MAX_CPU) {
        this.refused++;
        continue;
      }
      this.written++;
      marks.add(event);
      const bundle = this.bundleOf(event.cpu);
      if (event.lost !== 0) {
        this.finish(bundle);
        bundle.lost = true;
      }
      bundle.add(event, this.encoders);
      if (bundle.size > BUNDLE_SIZE) this.finish(bundle);
      if (this.full.length > 0) return true;
    }
    return false;
  }

  private bundleOf(cpu: number): Bundle {
    let bundle = this.bundles[cpu];
    if (bundle === undefined) {
      bundle = new Bundle(cpu, this.start);
      this.bundles[cpu] = bundle;
    }
    return bundle;
  }

  private finish(bundle: Bundle): void {
    if (bundle.size > 0) this.full.push(bundle.finish(this.encoders.takeDescriptors()));
  }
}

/** Events of one CPU that are being put together. */
class Bundle {
  lost = false;
  private readonly out = new ProtoWriter(BUNDLE_SIZE + SPARE);

  constructor(
    private readonly cpu: number,
    private readonly start: number,
  ) {}

  get size(): number {
    return this.out.at;
  }

  add(event: TraceEvent, encoders: EventEncoders): void {
    const { out } = this;
    const message = out.begin(BUNDLE.event);
    const time = this.start + event.t;
    if (this.start <= Number.MAX_SAFE_INTEGER && time >= 0 && time <= Number.MAX_SAFE_INTEGER) out.uint(1, time);
    else {
      const exact = event.exactTime();
      out.halves(1, Number(exact >> 32n), Number(exact & 0xffffffffn));
    }
    out.int(2, event.pid);
    encoders.of(event.type)(event, out);
    out.end(message);
  }

  /** The packet; the bundle begins anew. */
  finish(descriptors: readonly Buffer[]): Buffer {
    const head = new ProtoWriter(64);
    head.uint(BUNDLE.cpu, this.cpu);
    if (this.lost) head.uint(BUNDLE.lostEvents, 1);
    for (const each of descriptors) head.raw(BUNDLE.descriptors, each);
    const bytes = Buffer.concat([head.take(), this.out.written]);
    this.out.at = 0;
    this.lost = false;
    return packet((out) => out.raw(FTRACE_EVENTS, bytes));
  }
}

/** The machine, whose letters of states and numbers of system calls the trace processor goes by, and the tasks' names. */
function about(trace: Trace): Buffer {
  const { release, writer, image } = trace;
  const machine = machineName(writer.kallsyms, image.scratch?.textAddress);
  const info = packet((out) => {
    const system = out.begin(SYSTEM_INFO);
    const utsname = out.begin(1);
    out.text(1, "Linux");
    if (release !== undefined) out.text(3, release);
    if (machine !== undefined) out.text(4, machine);
    out.end(utsname);
    out.end(system);
  });
  const tree = packet((out) => {
    const processes = out.begin(PROCESS_TREE);
    for (const [pid, name] of trace.names.last()) {
      const process = out.begin(1);
      out.uint(1, pid);
      out.text(3, name);
      // cmdline_is_comm
      out.uint(9, 1);
      out.end(process);
    }
    out.end(processes);
  });
  return Buffer.concat([info, tree]);
}
