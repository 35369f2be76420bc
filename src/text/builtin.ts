import { endOf, type FixedField, type FixedLayout } from "../events/builtin/layout.js";
import { type EventRecord, type FixedReader, SHORT_RECORD } from "../events/builtin/record.js";
import type { BuiltinName } from "../events/builtin/types.js";
import type { TimeColumn } from "../events/clock.js";
import type { TraceEvent } from "../events/event.js";
import type { TaskNames } from "../events/names.js";
import type { RecordData } from "../print/record.js";
import type { AddressText } from "./addresses.js";
import type { FunctionArgs } from "./function-args.js";
import { hex8 } from "./hex.js";

/** What the text of a fixed event needs to know. */
export interface BuiltinContext {
  readonly reader: FixedReader;
  readonly addresses: AddressText;
  /** Undefined where the kernel shows none. */
  readonly args: FunctionArgs | undefined;
  readonly time: TimeColumn;
  /** hwlat's time stamp is printed by %ptSp. */
  readonly unsignedTimes: boolean;
  /** hwlat measures NMIs; else it only counts them. */
  readonly nmiTimes: boolean;
  /** What task_index_to_char() finds by a number: at least the states that have one. */
  readonly taskStates: string;
  /** What a kernel sees behind a record; undefined where only the record is shown. */
  readonly copyOf: ((event: TraceEvent) => RecordData | undefined) | undefined;
  /** The print-parent option. */
  readonly printParent: boolean;
  readonly names: TaskNames;
  /** A string of the kernel's that an event only points at (trace_bputs, trace_bprintk), from printk_formats. */
  string(address: bigint): string | undefined;
  /** Formats a binary printk: the format's address, and where the arguments begin in the record. */
  bprintf(format: string, record: EventRecord, at: number): string;
}

/** The text of one event behind the columns, with its newline. */
export type BuiltinPrinter = (event: TraceEvent) => string;

const SHORT = `${SHORT_RECORD}\n`;
/**
 * task_index_to_char(): the states a context_switch entry can name (include/linux/sched.h), and the string's end. A
 * number beyond it shows what lies behind the string in that build.
 */
export const TASK_STATES = "RSDTtXZPI\0";
const TRAMPOLINE_MARKER = 0x7fffffff;
const TIMERLAT_CONTEXT = ["irq", "thread", "user-ret"];

/**
 * How the kernel prints each fixed event (the trace functions of kernel/trace/trace_output.c 6.12 to 7.3). The graph
 * events are in graph.ts. Undefined for what no kernel prints.
 */
export function builtinPrinter(
  name: BuiltinName,
  layout: FixedLayout,
  context: BuiltinContext,
): BuiltinPrinter | undefined {
  const make = PRINTERS[name];
  if (make === undefined) return undefined;
  const need = endOf(layout);
  const print = make(layout, context);
  return (event) => {
    if (event.dataSize >= need) return print(event);
    const copy = context.copyOf?.(event);
    return copy === undefined || copy.dataSize < need ? SHORT : print(inCopy(event, copy));
  };
}

/** The event as it stands in a copy, which has more behind it. */
function inCopy(event: TraceEvent, { bytes, data, dataSize }: RecordData): TraceEvent {
  return Object.assign(Object.create(event) as TraceEvent, { bytes, view: bytes.view, data, dataSize });
}

const PRINTERS: Partial<Record<BuiltinName, (layout: FixedLayout, context: BuiltinContext) => BuiltinPrinter>> = {
  /** trace_fn_trace() */
  function(layout, { reader, addresses, args, printParent }) {
    const ip = offset(layout, "ip");
    const parent = offset(layout, "parent_ip");
    const argsAt = offset(layout, "args");
    const bare = argsAt + reader.longSize;
    return (record) => {
      const { view, data, entSize } = record;
      const parentHi = reader.longHi(view, data + parent);
      const parentLo = reader.longLo(view, data + parent);
      const hi = reader.longHi(view, data + ip);
      const lo = reader.longLo(view, data + ip);
      let text = addresses.ip(hi, lo);
      if (entSize >= bare) text += args?.text(record, ip, argsAt, entSize) ?? "";
      return !printParent || (parentHi === 0 && parentLo === 0)
        ? `${text}\n`
        : `${text} <-${addresses.ip(parentHi, parentLo)}\n`;
    };
  },

  context_switch: (layout, context) => contextSwitch(layout, context, "==>"),
  wakeup: (layout, context) => contextSwitch(layout, context, "  +"),

  /** trace_stack_print(): up to the end of the record, or a caller of all ones. */
  kernel_stack(layout, { reader, addresses, copyOf }) {
    const caller = offset(layout, "caller");
    const long = reader.longSize;
    return (event) => {
      const { entSize } = event;
      let text = "<stack trace>\n";
      for (let at = caller; at < entSize; at += long) {
        const { bytes, data } = (at + long > entSize && copyOf?.(event)) || event;
        const { view } = bytes;
        if (data + at + long > view.byteLength) break;
        const hi = reader.longHi(view, data + at);
        const lo = reader.longLo(view, data + at);
        if (lo === 0xffffffff && (long === 4 || hi === 0xffffffff)) break;
        if (hi === 0 && lo === TRAMPOLINE_MARKER) text += " => [FTRACE TRAMPOLINE]\n";
        else text += ` => ${addresses.ip(hi, lo)}\n`;
      }
      return text;
    };
  },

  /** trace_user_stack_print(), without sym-userobj: the process is gone. */
  user_stack(layout, { reader }) {
    const caller = field(layout, "caller");
    const long = reader.longSize;
    return ({ view, data, dataSize }) => {
      let text = "<user stack trace>\n";
      for (let i = 0; i < 8; i++) {
        const at = caller.offset + i * long;
        if (at + long > dataSize) break;
        const hi = reader.longHi(view, data + at);
        const lo = reader.longLo(view, data + at);
        if (hi === 0 && lo === 0) break;
        text += ` =>  <${long === 8 ? hex8(hi) : ""}${hex8(lo)}>\n`;
      }
      return text;
    };
  },

  /** trace_print_print() */
  print(layout, { reader, addresses }) {
    const ip = offset(layout, "ip");
    const buf = field(layout, "buf");
    return (record) => {
      const { view, data } = record;
      const where = addresses.ip(reader.longHi(view, data + ip), reader.longLo(view, data + ip));
      return `${where}: ${reader.text(record, buf)}`;
    };
  },

  /** trace_bprint_print() */
  bprint(layout, context) {
    const { reader, addresses } = context;
    const ip = offset(layout, "ip");
    const fmt = field(layout, "fmt");
    const buf = offset(layout, "buf");
    return (record) => {
      const { view, data } = record;
      const where = addresses.ip(reader.longHi(view, data + ip), reader.longLo(view, data + ip));
      const pointer = reader.value(record, fmt);
      const format = context.string(pointer);
      if (format === undefined) return `${where}: <format at 0x${pointer.toString(16)}>\n`;
      return `${where}: ${context.bprintf(format, record, buf)}`;
    };
  },

  /** trace_bputs_print() */
  bputs(layout, context) {
    const { reader, addresses } = context;
    const ip = offset(layout, "ip");
    const str = field(layout, "str");
    return (record) => {
      const { view, data } = record;
      const where = addresses.ip(reader.longHi(view, data + ip), reader.longLo(view, data + ip));
      const pointer = reader.value(record, str);
      return `${where}: ${context.string(pointer) ?? `<string at 0x${pointer.toString(16)}>\n`}`;
    };
  },

  /** trace_raw_data() */
  raw_data(layout, { reader }) {
    const id = field(layout, "id");
    const buf = offset(layout, "buf");
    return (record) => {
      let text = `# ${reader.u32(record, id).toString(16)} buf:`;
      const { view, data } = record;
      const end = Math.min(record.entSize, view.byteLength - data);
      for (let at = buf; at < end; at++)
        text += ` ${view
          .getUint8(data + at)
          .toString(16)
          .padStart(2, "0")}`;
      return `${text}\n`;
    };
  },

  /** trace_hwlat_print() */
  hwlat(layout, { reader, unsignedTimes, nmiTimes }) {
    const f = (name: string): FixedField => field(layout, name);
    const [seqnum, duration, outer, sec, nsec, count, nmi, nmiTotal] = [
      f("seqnum"),
      f("duration"),
      f("outer_duration"),
      f("tv_sec"),
      f("tv_nsec"),
      f("count"),
      f("nmi_count"),
      f("nmi_total_ts"),
    ];
    return (record) => {
      const value = (from: FixedField): string => reader.value(record, from).toString();
      // %ptSp takes numbers without a sign, %lld.%09ld had one.
      const part = (from: FixedField): bigint =>
        unsignedTimes ? BigInt.asUintN(64, reader.value(record, from)) : reader.value(record, from);
      const when = `${part(sec)}.${zeroPadded(part(nsec), 9)}`;
      let text = `#${String(reader.u32(record, seqnum)).padEnd(5)} inner/outer(us): ${value(duration).padStart(4)}/${value(outer).padEnd(5)} ts:${when} count:${reader.s32(record, count)}`;
      if (reader.u32(record, nmi) !== 0) {
        if (nmiTimes) text += ` nmi-total:${value(nmiTotal)}`;
        text += ` nmi-count:${reader.u32(record, nmi)}`;
      }
      return `${text}\n`;
    };
  },

  /** trace_osnoise_print() */
  osnoise(layout, { reader }) {
    const noise = field(layout, "noise");
    const runtime = field(layout, "runtime");
    const max = field(layout, "max_sample");
    const counts = ["hw_count", "nmi_count", "irq_count", "softirq_count", "thread_count"].map((name) =>
      field(layout, name),
    );
    return (record) => {
      const all = reader.value(record, runtime);
      const lost = reader.value(record, noise);
      const net = BigInt.asUintN(64, BigInt.asUintN(64, all - lost) * 10_000_000n);
      // do_div() divides by 32 bits. A kernel that divides by 0 is dead: see `rbtool check`.
      const by = BigInt.asUintN(32, all);
      const ratio = by === 0n ? 0n : net / by;
      const share = `${String(ratio / 100_000n).padStart(3)}.${String(ratio % 100_000n).padStart(5, "0")}`;
      let text = `${all} ${String(lost).padStart(10)} ${share} ${String(reader.value(record, max)).padStart(7)}`;
      for (const count of counts) text += ` ${String(reader.u32(record, count)).padStart(6)}`;
      return `${text}\n`;
    };
  },

  /** trace_timerlat_print() */
  timerlat(layout, { reader }) {
    const seqnum = field(layout, "seqnum");
    const where = field(layout, "context");
    const latency = field(layout, "timer_latency");
    return (record) => {
      const index = reader.s32(record, where);
      const name = TIMERLAT_CONTEXT[index] ?? `<context ${index}>`;
      return `#${String(reader.u32(record, seqnum)).padEnd(5)} context ${name.padStart(6)} timer_latency ${String(reader.value(record, latency)).padStart(9)} ns\n`;
    };
  },

  /** trace_func_repeats_print() */
  func_repeats(layout, { reader, addresses, time, printParent }) {
    const ip = offset(layout, "ip");
    const parent = offset(layout, "parent_ip");
    const count = field(layout, "count");
    const top = field(layout, "top_delta_ts");
    const bottom = field(layout, "bottom_delta_ts");
    return (record) => {
      const { view, data } = record;
      let text = addresses.ip(reader.longHi(view, data + ip), reader.longLo(view, data + ip));
      const parentHi = reader.longHi(view, data + parent);
      const parentLo = reader.longLo(view, data + parent);
      if (printParent && (parentHi !== 0 || parentLo !== 0)) text += ` <-${addresses.ip(parentHi, parentLo)}`;
      const delta = (reader.value(record, top) << 32n) | reader.value(record, bottom);
      return `${text} (repeats: ${reader.u16(record, count)}, last_ts:${time.exactText(record.exactTime() - delta)})\n`;
    };
  },
};

/** trace_ctxwake_print() */
function contextSwitch(
  layout: FixedLayout,
  { reader, names, taskStates }: BuiltinContext,
  arrow: string,
): BuiltinPrinter {
  const f = (name: string): FixedField => field(layout, name);
  const [prevPid, prevPrio, prevState] = [f("prev_pid"), f("prev_prio"), f("prev_state")];
  const [nextCpu, nextPid, nextPrio, nextState] = [f("next_cpu"), f("next_pid"), f("next_prio"), f("next_state")];
  const task = (record: EventRecord, pid: FixedField, prio: FixedField, state: FixedField): string =>
    `${String(reader.s32(record, pid)).padStart(7)}:${String(reader.u8(record, prio)).padStart(3)}:${taskStates[reader.u8(record, state)] ?? "?"}`;
  return (record) => {
    const next = task(record, nextPid, nextPrio, nextState);
    const cpu = zeroPadded(reader.s32(record, nextCpu), 3);
    return ` ${task(record, prevPid, prevPrio, prevState)} ${arrow} [${cpu}] ${next} ${names.at(reader.s32(record, nextPid), record.position)}\n`;
  };
}

/** %03d */
function zeroPadded(value: number | bigint, width: number): string {
  return value < 0 ? `-${String(-value).padStart(width - 1, "0")}` : String(value).padStart(width, "0");
}

function field(layout: FixedLayout, name: string): FixedField {
  const found = layout.get(name);
  if (found === undefined) throw new Error(`no field ${name}`);
  return found;
}

function offset(layout: FixedLayout, name: string): number {
  return field(layout, name).offset;
}
