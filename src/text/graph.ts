import type { FixedLayout } from "../events/builtin/layout.js";
import { type FixedReader, SHORT_RECORD } from "../events/builtin/record.js";
import type { TraceEvent } from "../events/event.js";
import type { TaskNames } from "../events/names.js";
import type { EventStream } from "../events/stream.js";
import type { AddressText } from "./addresses.js";
import type { FunctionArgs } from "./function-args.js";
import { graphDuration, overheadMark } from "./graph-duration.js";
import type { GraphOptions } from "./graph-options.js";
import type { LatencyColumn } from "./latency.js";

/** Where interrupts enter the kernel. */
interface IrqText {
  readonly start: bigint;
  readonly end: bigint;
}

export interface GraphContext {
  readonly reader: FixedReader;
  readonly addresses: AddressText;
  /** Undefined where the kernel shows none. */
  readonly args: FunctionArgs | undefined;
  readonly latency: LatencyColumn;
  readonly names: TaskNames;
  /** Digits of the highest CPU number (max_bytes_for_cpu). */
  readonly cpuWidth: number;
  /** __irqentry_text_start and _end, where known; asked for when an interrupt may be met. */
  readonly irqText?: (() => IrqText | undefined) | undefined;
  /** Types of the events that are looked for. */
  readonly entryType: number;
  readonly retaddrType: number;
  readonly returnType: number;
  readonly entry: FixedLayout;
  readonly retaddrEntry: FixedLayout;
  exit(dataSize: number): FixedLayout;
  /** seq_print_ip_sym_offset() */
  ipOffset(hi: number, lo: number): string;
}

const INDENT = 2;
/** FTRACE_RETFUNC_DEPTH */
const RETFUNC_DEPTH = 50;
/** TRACE_GRAPH_PROCINFO_LENGTH */
const PROCINFO_LENGTH = 14;
const RULE = " ------------------------------------------\n";
/** A depth deeper than a line has room for. */
const MAX_INDENT = 8192;

/** A function that is entered or left: the halves of its address, and how deep. */
interface Call {
  readonly hi: number;
  readonly lo: number;
  readonly depth: number;
}

/** What the tracer remembers of a CPU (struct fgraph_cpu_data); absent when graph events are printed one by one. */
class CpuState {
  lastPid = -1;
  depth = 0;
  depthIrq = -1;
  readonly enterFuncs: string[] = new Array<string>(RETFUNC_DEPTH).fill("");
}

/**
 * The text of function_graph events (print_graph_entry(), print_graph_return(),
 * kernel/trace/trace_functions_graph.c 6.12 to 7.3). An entry whose return follows at once is one line: printing it
 * takes that return too.
 */
export class GraphPrinter {
  private readonly states: (CpuState | undefined)[] = [];

  private irqText: IrqText | undefined;
  private askedForIrqText = false;

  constructor(
    private readonly context: GraphContext,
    private readonly options: GraphOptions,
    /** The tracer's own output; false prints each event as any other. */
    private readonly asTracer: boolean,
  ) {}

  isGraph(type: number): boolean {
    return this.isEntry(type) || type === this.context.returnType;
  }

  isEntry(type: number): boolean {
    return type === this.context.entryType || type === this.context.retaddrType;
  }

  /** The type of events that may be printed with the one before. */
  get returnType(): number {
    return this.context.returnType;
  }

  /** Whether an entry's line takes the event that comes next on its CPU. */
  takes(entry: TraceEvent, next: TraceEvent): boolean {
    if (!this.isEntry(entry.type)) return false;
    const call = this.entered(entry);
    return call !== undefined && this.isReturnOf(entry, next, call.hi, call.lo);
  }

  /** The text of the stream's event; a return that is printed with its entry is taken from the stream. */
  print(event: TraceEvent, stream: EventStream): string {
    return this.isEntry(event.type) ? this.entry(event, stream) : this.exit(event);
  }

  /** Does what print() does, but for the text: false where that would be none. */
  pass(event: TraceEvent, stream: EventStream): boolean {
    const state = this.state(event.cpu);
    const isEntry = this.isEntry(event.type);
    const call = isEntry ? this.entered(event) : this.left(event);
    if (call === undefined) return true;
    const { hi, lo, depth } = call;
    if (!isEntry) {
      if (state && this.leavesIrq(state, depth)) return false;
      if (state) {
        state.lastPid = event.pid;
        this.leave(state, call);
      }
      return true;
    }
    if (state && !this.options.irqs && this.entersIrq(state, hi, lo, depth)) return false;
    const next = stream.ahead();
    const isLeaf = next !== undefined && this.isReturnOf(event, next, hi, lo);
    if (state) {
      state.lastPid = event.pid;
      this.enter(state, depth, isLeaf ? undefined : key(hi, lo));
    }
    if (isLeaf) stream.takeAhead();
    return true;
  }

  /** Does what comment() does, but for the text. */
  passComment({ cpu, pid }: TraceEvent): void {
    const state = this.state(cpu);
    if (state) state.lastPid = pid;
  }

  /** Forgets what the CPUs' functions and tasks were: the trace begins anew. */
  forget(): void {
    this.states.length = 0;
  }

  /** One event alone, as its format file's print format has it. */
  plain(event: TraceEvent): string {
    const { reader, addresses } = this.context;
    const isEntry = this.isEntry(event.type);
    const layout = isEntry ? this.context.entry : this.context.exit(event.dataSize);
    const func = layout.get("func")!;
    const depth = layout.get("depth")!;
    if (depth.offset + depth.size > event.dataSize) return SHORT_RECORD;
    const at = event.data + func.offset;
    const name = addresses.ps(reader.longHi(event.view, at), reader.longLo(event.view, at));
    const level = reader.value(event, depth);
    if (isEntry) return `--> ${name} (${level})`;
    return `<-- ${name} (${level}) ${graphDuration(this.times(event, layout).duration).trimEnd()}`;
  }

  /** A line of the tracer's output for another event: a comment at the depth of the CPU (print_graph_comment()). */
  comment(event: TraceEvent, text: string): string {
    const state = this.state(event.cpu);
    const pad = state && state.depth > 0 ? " ".repeat(Math.min((state.depth + 1) * INDENT, MAX_INDENT)) : "";
    const fill = this.options.duration ? "              |  " : "";
    const body = text.endsWith("\n") ? text.slice(0, -1) : text;
    return `${this.switched(state, event)}${this.columns(event)}${fill}${pad}/* ${body} */\n`;
  }

  private state(cpu: number): CpuState | undefined {
    if (!this.asTracer) return undefined;
    this.states[cpu] ??= new CpuState();
    return this.states[cpu];
  }

  private entry(event: TraceEvent, stream: EventStream): string {
    const call = this.entered(event);
    if (call === undefined) return `${SHORT_RECORD}\n`;
    const { hi, lo, depth } = call;
    const { reader, addresses } = this.context;
    const withRetaddr = event.type === this.context.retaddrType;
    const layout = this.entryLayout(event);
    const { view, data, dataSize, entSize } = event;
    const argsAt = layout.get("args")?.offset ?? dataSize;
    const args = this.context.args?.text(event, layout.get("func")!.offset, argsAt, Math.min(entSize, dataSize));
    const retaddr = withRetaddr ? layout.get("retaddr") : undefined;
    const from =
      retaddr && this.options.retaddr && retaddr.offset + retaddr.size <= dataSize
        ? ` <-${this.context.ipOffset(reader.longHi(view, data + retaddr.offset), reader.longLo(view, data + retaddr.offset))}`
        : "";
    const state = this.state(event.cpu);
    if (state && !this.options.irqs && this.entersIrq(state, hi, lo, depth)) return "";
    const columns = this.columns(event);
    const irq = this.inIrqText(hi, lo) ? this.irq(columns, "==========>") : "";
    let text = this.switched(state, event) + irq + columns;
    const indent = " ".repeat(Math.max(0, Math.min(depth * INDENT, MAX_INDENT)));
    const next = stream.ahead();
    if (next === undefined || !this.isReturnOf(event, next, hi, lo)) {
      if (state) this.enter(state, depth, key(hi, lo));
      const fill = this.options.duration ? "              |  " : "";
      text += `${fill}${indent}${addresses.ps(hi, lo)}${args ?? "()"} {${from === "" ? "" : ` /*${from} */`}\n`;
      return text;
    }
    if (state) this.enter(state, depth, undefined);
    const leaf = this.times(next, this.context.exit(next.dataSize));
    text += `${this.duration(leaf.duration)}${indent}${addresses.ps(hi, lo)}${args ?? "()"};`;
    if (this.options.retval && leaf.retval !== undefined) text += ` /*${from} ${this.retvalText(leaf.retval)} */`;
    else if (from !== "") text += ` /*${from} */`;
    text += `\n${this.inIrqText(hi, lo) ? this.irq(this.columns(next, event), "<==========") : ""}`;
    stream.takeAhead();
    return text;
  }

  /** Whether the event that follows the entry of a function is its return. */
  private isReturnOf(entry: TraceEvent, next: TraceEvent, hi: number, lo: number): boolean {
    if (next.type !== this.context.returnType || next.pid !== entry.pid) return false;
    const { reader } = this.context;
    const func = this.context.exit(next.dataSize).get("func")!;
    const at = next.data + func.offset;
    return (
      func.offset + func.size <= next.dataSize &&
      reader.longHi(next.view, at) === hi &&
      reader.longLo(next.view, at) === lo
    );
  }

  private times(event: TraceEvent, layout: FixedLayout): { duration: bigint; retval: bigint | undefined } {
    const { reader } = this.context;
    const call = layout.get("calltime")!;
    const ret = layout.get("rettime")!;
    const retval = layout.get("retval");
    const fits = Math.max(call.offset + call.size, ret.offset + ret.size) <= event.dataSize;
    return {
      duration: fits ? BigInt.asUintN(64, reader.value(event, ret) - reader.value(event, call)) : 0n,
      retval: retval && retval.offset + retval.size <= event.dataSize ? reader.value(event, retval) : undefined,
    };
  }

  private exit(event: TraceEvent): string {
    const call = this.left(event);
    if (call === undefined) return `${SHORT_RECORD}\n`;
    const { hi, lo, depth } = call;
    const { addresses } = this.context;
    const { duration, retval } = this.times(event, this.context.exit(event.dataSize));
    const state = this.state(event.cpu);
    if (state && this.leavesIrq(state, depth)) return "";
    const matches = state === undefined || this.leave(state, call);
    let text = this.switched(state, event) + this.columns(event);
    text += `${this.duration(duration)}${" ".repeat(Math.max(0, Math.min(depth * INDENT, MAX_INDENT)))}`;
    if (this.options.retval && retval !== undefined)
      text += `} /* ${addresses.ps(hi, lo)} ${this.retvalText(retval)} */`;
    else text += matches && !this.options.tail ? "}" : `} /* ${addresses.ps(hi, lo)} */`;
    text += `\n${this.inIrqText(hi, lo) ? this.irq(this.columns(event), "<==========") : ""}`;
    return text;
  }

  /** The function that an entry enters, and how deep; undefined where the record is too short to tell. */
  private entered(event: TraceEvent): Call | undefined {
    return this.call(event, this.entryLayout(event));
  }

  /** The function that a return leaves. */
  private left(event: TraceEvent): Call | undefined {
    return this.call(event, this.context.exit(event.dataSize));
  }

  private call(event: TraceEvent, layout: FixedLayout): Call | undefined {
    const { reader } = this.context;
    const field = layout.get("depth")!;
    if (field.offset + field.size > event.dataSize) return undefined;
    const at = event.data + layout.get("func")!.offset;
    // Signed, whatever the format file says: `int depth`, of entries `long depth` since 6.19 (struct ftrace_graph_ent).
    const depth = Number(BigInt.asIntN(field.size * 8, reader.value(event, field)));
    return { hi: reader.longHi(event.view, at), lo: reader.longLo(event.view, at), depth };
  }

  /** @param func the function that was entered; undefined where it has returned already */
  private enter(state: CpuState, depth: number, func: string | undefined): void {
    state.depth = func === undefined ? depth - 1 : depth;
    if (depth >= 0 && depth < RETFUNC_DEPTH) state.enterFuncs[depth] = func ?? NO_FUNCTION;
  }

  /** Whether it is the function that was entered at that depth. */
  private leave(state: CpuState, { hi, lo, depth }: Call): boolean {
    state.depth = depth - 1;
    if (depth < 0 || depth >= RETFUNC_DEPTH) return true;
    const matches = state.enterFuncs[depth] === key(hi, lo);
    state.enterFuncs[depth] = NO_FUNCTION;
    return matches;
  }

  /** check_irq_return() */
  private leavesIrq(state: CpuState, depth: number): boolean {
    if (this.options.irqs || state.depthIrq === -1) return false;
    if (state.depthIrq >= depth) state.depthIrq = -1;
    return true;
  }

  private entryLayout({ type }: TraceEvent): FixedLayout {
    return type === this.context.retaddrType ? this.context.retaddrEntry : this.context.entry;
  }

  /** verif_pid(): another task runs on this CPU now. */
  private switched(state: CpuState | undefined, { cpu, pid, position }: TraceEvent): string {
    if (!state || state.lastPid === pid) return "";
    const before = state.lastPid;
    state.lastPid = pid;
    if (before === -1) return "";
    return `${RULE}${this.cpuText(cpu)}${this.procText(before, position)} => ${this.procText(pid, position)}\n${RULE}\n`;
  }

  /** @param context the event whose task and flags are shown: a return that is printed with its entry has the entry's */
  private columns(event: TraceEvent, context = event): string {
    const { options } = this;
    let text = "";
    if (options.absTime) {
      const time = event.exactTime();
      text += `${String(time / 1_000_000_000n).padStart(5)}.${String((time % 1_000_000_000n) / 1000n).padStart(6, "0")} |  `;
    }
    if (options.cpu) text += this.cpuText(event.cpu);
    if (options.proc) text += `${this.procText(context.pid, event.position)} | `;
    if (options.latency) text += ` ${this.context.latency.text(context.flags, context.preemptCount)} | `;
    return text;
  }

  private cpuText(cpu: number): string {
    return ` ${String(cpu).padStart(this.context.cpuWidth)}) `;
  }

  /** print_graph_proc(): centred in 14 characters. */
  private procText(pid: number, position: number): string {
    const text = `${this.context.names.at(pid, position).slice(0, 7)}-${pid}`;
    const spaces = Math.max(0, PROCINFO_LENGTH - text.length);
    const before = Math.floor(spaces / 2);
    return " ".repeat(before) + text + " ".repeat(spaces - before);
  }

  private duration(ns: bigint): string {
    if (!this.options.duration) return "";
    const mark = this.options.overhead ? overheadMark(Number(ns)) : " ";
    return `${mark} ${graphDuration(ns)}|  `;
  }

  /** print_graph_irq(): an arrow where an interrupt begins or ends. */
  private irq(columns: string, arrow: string): string {
    return this.options.duration ? `${columns}  ${arrow} |\n` : `${columns}${arrow}\n`;
  }

  private inIrqText(hi: number, lo: number): boolean {
    if (!this.askedForIrqText) this.irqText = this.context.irqText?.();
    this.askedForIrqText = true;
    const text = this.irqText;
    if (!text) return false;
    const address = (BigInt(hi) << 32n) | BigInt(lo);
    return address >= text.start && address < text.end;
  }

  /** check_irq_entry() */
  private entersIrq(state: CpuState, hi: number, lo: number, depth: number): boolean {
    if (state.depthIrq >= 0) return true;
    if (!this.inIrqText(hi, lo)) return false;
    state.depthIrq = depth;
    return true;
  }

  /** print_graph_retval(): an error as the negative number it is. */
  private retvalText(retval: bigint): string {
    const wide = this.context.reader.longSize === 8;
    if (!this.options.retvalHex && retval !== 0n) {
      let code = BigInt.asIntN(wide ? 64 : 32, retval);
      if (wide && retval >> 32n === 0n && (retval & 0x80000000n) !== 0n) code = BigInt.asIntN(32, retval);
      if (code < 0n && code >= -4095n) return `ret=${code}`;
    }
    return `ret=0x${retval.toString(16)}`;
  }
}

function key(hi: number, lo: number): string {
  return `${hi}:${lo}`;
}

const NO_FUNCTION = key(0, 0);
