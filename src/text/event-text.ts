import { endOf, type FixedAbi, type FixedLayout, fixedLayout } from "../events/builtin/layout.js";
import { type EventRecord, FixedReader } from "../events/builtin/record.js";
import { type BuiltinName, builtinTypes, UNPRINTED } from "../events/builtin/types.js";
import type { TimeColumn } from "../events/clock.js";
import type { TraceEvent } from "../events/event.js";
import type { TaskNames } from "../events/names.js";
import type { GraphCall } from "../events/select/graph.js";
import type { Abi } from "../ground/abi.js";
import type { TraceFileBehaviour } from "../kernel/versions/printing.js";
import type { SeqWrite } from "../print/seq-writes.js";
import { TextSink } from "../print/text-sink.js";
import type { EventFormat } from "../system/formats/parse-format.js";
import type { KernelTypes } from "../system/kernel-types.js";
import type { AddressText } from "./addresses.js";
import { type BuiltinContext, builtinPrinter, TASK_STATES } from "./builtin.js";
import { FunctionArgs } from "./function-args.js";
import { type GraphContext, GraphPrinter } from "./graph.js";
import { GRAPH_DEFAULTS, GRAPH_NOTHING, type GraphOptions } from "./graph-options.js";
import type { LatencyColumn } from "./latency.js";
import type { TraceOptions } from "./trace-options.js";

/** Writes the text of events that have a format file: what stands behind the columns, with its newline. */
export interface FormatPrinter {
  (event: TraceEvent, out: TextSink): void;
  /** The same in pieces, where the kernel does not write all of it at once. */
  pieces?(event: TraceEvent): Iterable<SeqWrite>;
}

/** The kernel that prints: what it knows, and how it does it. */
export interface PrintingKernel {
  readonly abi: Abi;
  readonly rules: TraceFileBehaviour;
  readonly addresses: AddressText;
  readonly time: TimeColumn;
  readonly latency: LatencyColumn;
  readonly names: TaskNames;
  string(address: bigint): string | undefined;
  /** A trace_printk() by its format; `at` is where its arguments begin in the record. */
  bprintf(format: string, record: EventRecord, at: number): string;
  ipOffset(hi: number, lo: number): string;
  /** Format files by type, the fixed events' included. */
  readonly formats: ReadonlyMap<number, EventFormat>;
  /** The kernel's types, which name functions' arguments. */
  readonly types?: KernelTypes | undefined;
  /** See BuiltinContext. */
  readonly nmiTimes: boolean;
  /** See BuiltinContext; undefined where only the states that have a character are known. */
  readonly taskStates: string | undefined;
  /** It prints no function's arguments. */
  readonly noArguments: boolean;
  /** Makes the printer of a type that has a format file. */
  printer(format: EventFormat): FormatPrinter;
  /** As the kernel: a type that it does not know is `Unknown type N`; otherwise its bytes are shown. */
  readonly asKernel: boolean;
  /** See BuiltinContext. */
  readonly copyOf: BuiltinContext["copyOf"];
  /** The type that it reads where an event of a type that it does not know was, if that is another's by then. */
  typeBehind?(event: TraceEvent): number | undefined;
  /** The instance's options. */
  readonly options: TraceOptions;
  /** The function_graph tracer's own output. */
  readonly graph?: GraphOptions | undefined;
  readonly nrCpus: number;
  readonly irqText?: GraphContext["irqText"];
}

/** trace_seq's buffer (TRACE_SEQ_BUFFER_SIZE, include/linux/trace_seq.h): a line that does not fit is cut. */
const SEQ_SIZE_64 = 8156;
const SEQ_SIZE_32 = 8172;
const TOO_BIG = "[LINE TOO BIG]\n";

/** Turns events into text, one compiled printer a type, made when its first event comes. */
export class EventText {
  readonly graph: GraphPrinter;
  readonly args: FunctionArgs;
  private readonly printers: (FormatPrinter | undefined)[] = [];
  private readonly names: readonly (BuiltinName | undefined)[];
  readonly reader: FixedReader;
  private readonly layouts = new Map<BuiltinName, FixedLayout>();
  private states: string | undefined;
  private readonly seqSize: number;
  /** Where body() puts its text together. */
  private readonly scratch = new TextSink(4096);

  constructor(private readonly kernel: PrintingKernel) {
    const { abi, rules } = kernel;
    this.reader = new FixedReader(abi.littleEndian, abi.longSize);
    const { addresses, types } = kernel;
    // A kernel looks for any symbol's name in its BTF, data's too; without BTF none is taken for a function.
    const name = (hi: number, lo: number) =>
      types?.kernel === undefined ? addresses.functionName(hi, lo) : addresses.name(hi, lo);
    this.args = new FunctionArgs(this.reader, types, name, {
      argumentEnums: rules.argumentEnums,
      get noArguments() {
        return kernel.noArguments;
      },
    });
    this.names = builtinTypes(rules.retaddrType, kernel.formats);
    this.seqSize = abi.longSize === 8 ? SEQ_SIZE_64 : SEQ_SIZE_32;
    const exits = [this.layout("funcgraph_exit"), fixedLayout("funcgraph_exit", this.fixedAbi(true))] as const;
    const exitGiven = this.formatOf("funcgraph_exit") !== undefined;
    const widest = endOf(exits[1]);
    this.graph = new GraphPrinter(
      {
        reader: this.reader,
        addresses: kernel.addresses,
        args: rules.functionArgs ? this.args : undefined,
        latency: kernel.latency,
        names: kernel.names,
        ipOffset: kernel.ipOffset,
        cpuWidth: String(Math.max(0, kernel.nrCpus - 1)).length,
        irqText: kernel.irqText,
        entryType: this.names.indexOf("funcgraph_entry"),
        retaddrType: this.names.indexOf("fgraph_retaddr_entry"),
        returnType: this.names.indexOf("funcgraph_exit"),
        entry: this.layout("funcgraph_entry"),
        retaddrEntry: this.layout("fgraph_retaddr_entry"),
        exit: (dataSize) => (!exitGiven && dataSize >= widest ? exits[1] : exits[0]),
      },
      graphOptions(kernel.graph ?? (rules.graphColumns ? GRAPH_DEFAULTS : GRAPH_NOTHING), kernel.options),
      kernel.graph !== undefined,
    );
  }

  /** The name of a type, where it has one. */
  name(type: number): string | undefined {
    return this.kernel.formats.get(type)?.name ?? this.names[type];
  }

  format(type: number): EventFormat | undefined {
    return this.kernel.formats.get(type);
  }

  /** The character of each number of a task's state that is known. */
  get taskStates(): string {
    this.states ??= this.kernel.taskStates ?? TASK_STATES;
    return this.states;
  }

  /** The layout of a fixed event by type. */
  fixedLayout(type: number): FixedLayout | undefined {
    const name = this.names[type];
    return name === undefined || name === "blk" ? undefined : this.layout(name);
  }

  /** Writes any event's text alone, graph events one by one; the iterator stays. */
  writePlain(event: TraceEvent, type: number, out: TextSink): void {
    if (this.graph.isGraph(type)) out.text(this.graph.plain(event));
    else this.write(event, type, out);
  }

  /** The fixed event that a type is. */
  builtin(type: number): BuiltinName | undefined {
    return this.names[type];
  }

  get builtinNames(): readonly BuiltinName[] {
    return this.names.filter((name) => name !== undefined);
  }

  /** The call that an event of the function graph tells of; undefined for all others. */
  graphCall(event: TraceEvent, type: number, symbol: (address: bigint) => string | undefined): GraphCall | undefined {
    if (!this.graph.isGraph(type)) return undefined;
    const layout = this.fixedLayout(type);
    const [func, depth] = [layout?.get("func"), layout?.get("depth")];
    if (func === undefined || depth === undefined) return undefined;
    if (Math.max(func.offset + func.size, depth.offset + depth.size) > event.dataSize) return undefined;
    const address = BigInt.asUintN(64, this.reader.value(event, func));
    const name = symbol(address)?.replace(/\+0x.*/, "") ?? `0x${address.toString(16)}`;
    return {
      depth: Number(this.reader.value(event, depth)),
      function: name,
      enters: this.names[type] !== "funcgraph_exit",
    };
  }

  /** Whether the kernel has a trace_event for a type (ftrace_find_event()). */
  isRegistered(type: number): boolean {
    const name = this.names[type];
    if (name === undefined) return this.kernel.formats.has(type);
    return !UNPRINTED.has(name) && name !== "blk";
  }

  /** __TRACE_LAST_TYPE: print_event_fields() takes it and those below for ftrace's own, whose fields it does not find. */
  get lastType(): number {
    return this.names.length;
  }

  /** Writes the text of an event that is no graph event; the iterator stays. */
  write(event: TraceEvent, type: number, out: TextSink): void {
    let printer = this.printers[type + 1];
    if (printer === undefined) {
      printer = this.make(type);
      // No gaps: an array that has many is looked up in as a map.
      while (this.printers.length <= type + 1) this.printers.push(undefined);
      this.printers[type + 1] = printer;
    }
    printer(event, out);
  }

  /** The same as a string. */
  body(event: TraceEvent, type: number): string {
    this.scratch.at = 0;
    this.write(event, type, this.scratch);
    return this.scratch.string(0);
  }

  /**
   * Cuts a line that the kernel has no room for: what was written before the piece that did not fit stays.
   * @param event where its text is its printer's own
   */
  fit(before: string, body: string, type: number, event?: TraceEvent): string {
    if (before.length + body.length < this.seqSize) return before + body;
    const pieces = event && this.printers[type + 1]?.pieces?.(event);
    if (pieces !== undefined) return this.tooBig(piecewise(before, pieces, this.seqSize));
    const room = this.seqSize - before.length - 1;
    let kept = 0;
    switch (this.names[type]) {
      case "raw_data":
        // Each byte is a piece of its own.
        kept = body.indexOf("buf:") + 4;
        kept += Math.floor((room - kept) / 3) * 3;
        break;
      case "funcgraph_entry":
      case "fgraph_retaddr_entry":
      case "funcgraph_exit":
        // The indentation is written character by character, up to the last place (trace_seq_putc()).
        return before + body.slice(0, room + 1);
      case "kernel_stack":
      case "user_stack":
        kept = stackFit(body, room);
        break;
      default:
        kept = body.indexOf(": ") + 2;
    }
    return this.tooBig(before + body.slice(0, Math.max(0, Math.min(kept, room))));
  }

  /** What the kernel says behind a line that is cut, where that fits. */
  private tooBig(line: string): string {
    return line.length + TOO_BIG.length <= this.seqSize ? line + TOO_BIG : line;
  }

  private make(type: number): FormatPrinter {
    const { kernel } = this;
    const name = this.names[type];
    if (name !== undefined && !(kernel.asKernel && UNPRINTED.has(name))) {
      const print = builtinPrinter(name, this.layout(name), this.context());
      if (print !== undefined) return (event, out) => out.text(print(event));
    }
    const format = name === undefined || !kernel.asKernel ? kernel.formats.get(type) : undefined;
    if (format !== undefined) return kernel.printer(format);
    if (kernel.asKernel) return (event, out) => out.text(`Unknown type ${kernel.typeBehind?.(event) ?? type}\n`);
    return (event, out) => {
      out.text(`type ${type}:`);
      for (let at = 8; at < event.dataSize; at++) {
        out.char(32);
        out.hex2(event.view.getUint8(event.data + at));
      }
      out.char(10);
    };
  }

  private context(): BuiltinContext {
    const { kernel, reader } = this;
    const states = (): string => this.taskStates;
    return {
      reader,
      addresses: kernel.addresses,
      args: kernel.rules.functionArgs ? this.args : undefined,
      time: kernel.time,
      unsignedTimes: kernel.rules.unsignedTimes,
      get nmiTimes() {
        return kernel.nmiTimes;
      },
      get taskStates() {
        return states();
      },
      printParent: kernel.options.printParent,
      names: kernel.names,
      string: kernel.string,
      bprintf: kernel.bprintf,
      copyOf: kernel.copyOf,
    };
  }

  private formatOf(name: BuiltinName): EventFormat | undefined {
    const type = this.names.indexOf(name);
    const format = this.kernel.formats.get(type);
    return format?.name === name ? format : undefined;
  }

  private fixedAbi(graphRetval: boolean): FixedAbi {
    return { ...this.kernel.abi, graphDepthLong: this.kernel.rules.graphDepthLong, graphRetval };
  }

  /** Where a fixed event's fields lie: as its format file says, or as the compiler puts them. */
  layout(name: BuiltinName): FixedLayout {
    let layout = this.layouts.get(name);
    if (layout === undefined) {
      layout = this.givenLayout(name, fixedLayout(name, this.fixedAbi(false)));
      this.layouts.set(name, layout);
    }
    return layout;
  }

  private givenLayout(name: BuiltinName, fixed: FixedLayout): FixedLayout {
    const format = this.formatOf(name);
    if (format === undefined) return fixed;
    const fields = new Map(fixed);
    for (const field of format.fields) {
      if (field.common) continue;
      const known = fixed.get(field.name);
      fields.set(field.name, {
        ...(known ?? {}),
        offset: field.offset,
        size: known?.count === undefined ? field.size : known.size,
        signed: field.signed,
      });
    }
    return fields;
  }
}

/** The columns of the line are also those of a graph event in it. */
function graphOptions(options: GraphOptions, { latencyFormat, contextInfo }: TraceOptions): GraphOptions {
  if (contextInfo) return latencyFormat ? { ...options, latency: true } : options;
  return { ...options, cpu: false, overhead: false, duration: false, proc: false, absTime: false, latency: false };
}

/**
 * How much of a stack's text fits: of the caller that does not, the arrow, the symbol and the address are a piece each
 * (trace_stack_print(), seq_print_ip_sym(), kernel/trace/trace_output.c 6.12 to 7.3).
 */
function stackFit(body: string, room: number): number {
  let kept = body.lastIndexOf("\n", room - 1) + 1;
  const pieces = /( => )(\[FTRACE TRAMPOLINE\]\n|[^<\n]*[^ <\n])( <.*)?/.exec(body.slice(kept))?.slice(1) ?? [];
  for (const piece of pieces) {
    if (kept + (piece?.length ?? 0) > room) break;
    kept += piece?.length ?? 0;
  }
  return kept;
}

/** What fits of pieces: nothing is written behind the first that does not. */
function piecewise(before: string, pieces: Iterable<SeqWrite>, size: number): string {
  let line = before;
  for (const [text, spare] of pieces) {
    if (line.length + text.length + spare > size) break;
    line += text;
  }
  return line;
}
