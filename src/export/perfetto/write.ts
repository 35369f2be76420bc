import { machineName } from "../../derive/machine-name.js";
import type { TraceEvent } from "../../events/event.js";
import type { Trace } from "../../trace.js";
import type { Exported, Sink } from "../format.js";
import { OWN_UNITS, Shortfalls } from "../shortfalls.js";
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
/** Marks that are held at most, but for those of a bundle. */
const MARKS = 4096;

/**
 * A trace of Perfetto (protos/perfetto/trace, v55): bundles of events of one CPU each, with no loss inside. The clock of
 * ftrace is not named: then it counts as boot time, and times are shown as they are.
 */
export async function writePerfetto(trace: Trace, sink: Sink): Promise<Exported> {
  const shortfalls = new Shortfalls();
  await sink.write(about(trace), 0);
  const encoders = new EventEncoders(trace, shortfalls);
  const marks = new Marks(trace);
  const bundles: (Bundle | undefined)[] = [];
  const start = Number(trace.origin.value);
  let refused = 0;
  const events = trace.events();
  for (let event = events.next(); event !== undefined; event = events.next()) {
    const { cpu } = event;
    if (cpu >= MAX_CPU) {
      refused++;
      continue;
    }
    marks.add(event);
    let bundle = bundles[cpu];
    if (bundle === undefined) {
      bundle = new Bundle(cpu, start);
      bundles[cpu] = bundle;
    }
    if (bundle.size > BUNDLE_SIZE || event.lost !== 0) {
      if (bundle.size > 0) await sink.write(bundle.finish(encoders.takeDescriptors()), events.given);
      if (marks.waiting > MARKS) await sink.write(marks.take(), events.given);
      bundle.lost = event.lost !== 0;
    }
    bundle.add(event, encoders);
  }
  for (const bundle of bundles)
    if (bundle !== undefined && bundle.size > 0)
      await sink.write(bundle.finish(encoders.takeDescriptors()), events.given);
  await sink.write(marks.take(), events.given);
  shortfalls.add(`events of CPUs from ${MAX_CPU} on: left out`, refused);
  if (!trace.inNs) shortfalls.add(OWN_UNITS, events.given - refused);
  return { events: events.given - refused, shortfalls: shortfalls.list() };
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
    this.lost = false;
    return packet((out) => out.raw(FTRACE_EVENTS, Buffer.concat([head.take(), this.out.take()])));
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
    for (const { pid, name } of trace.lastNames().learnFrom(trace.everyEvent()).tasks()) {
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
