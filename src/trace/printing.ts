import { machineName } from "../derive/machine-name.js";
import type { TimeColumn } from "../events/clock.js";
import { KernelCopies } from "../events/kernel-copy.js";
import { LatencyCopies } from "../events/latency-copy.js";
import type { TaskNames } from "../events/names.js";
import type { EventStream } from "../events/stream.js";
import type { WriterDoubts } from "../events/writer-doubts.js";
import type { Image } from "../image/image.js";
import type { TraceFileBehaviour } from "../kernel/versions/printing.js";
import { x86PagesAt } from "../machine/x86.js";
import { type PrintEnv, symbolWriter } from "../print/env.js";
import { InferredShown } from "../print/inferred-shown.js";
import { makeEnv } from "../print/make-env.js";
import { kretprobed } from "../system/symbols/kretprobed.js";
import type { WritingKernel } from "../system/writing-kernel.js";
import { AddressText } from "../text/addresses.js";
import { EventText } from "../text/event-text.js";
import { bprintfPrinter } from "../text/format-printers.js";
import { printsNoArguments } from "../text/function-args.js";
import type { LatencyColumn } from "../text/latency.js";
import { safeStrings } from "../text/safe-strings.js";
import { irqText, movedText, type Symbols, symbolsFor, writersText } from "../text/symbols.js";
import { TRACE_OPTION_DEFAULTS } from "../text/trace-options.js";
import { EventPrinters } from "./event-printers.js";
import type { TracePages } from "./pages.js";
import type { TraceSpec } from "./spec.js";

/** What prints. */
export interface Printing {
  readonly symbols: Symbols;
  readonly text: EventText;
  /** How many values of print formats have been shown as markers so far. */
  marked(): number;
  /** How many names and texts that have been printed so far are in memory whose place is inferred. */
  inferred(): number;
}

/** What printing begins with. */
export interface PrintingNeeds {
  readonly image: Image;
  readonly writer: WritingKernel;
  readonly spec: TraceSpec;
  readonly rules: TraceFileBehaviour;
  readonly pages: TracePages;
  readonly names: TaskNames;
  readonly time: TimeColumn;
  readonly latency: LatencyColumn;
  /** What is not certain of the writing kernel. */
  readonly doubts: WriterDoubts | undefined;
  /** All events, in order, from the start. */
  readonly everyEvent: () => EventStream;
}

export function printingOf(needs: PrintingNeeds, notes: string[]): Printing {
  const { image, writer, rules, doubts } = needs;
  const { booted, scratch } = needs.pages;
  const { asKernel, graph, traceOptions: options = TRACE_OPTION_DEFAULTS } = needs.spec;
  const { abi, geometry } = image.layout;
  const wrote = writersText(image, writer.kallsyms, scratch, booted);
  const moved = asKernel ? movedText(wrote, asKernel, notes) : undefined;
  const symbols = symbolsFor(writer, { wrote, moved }, scratch, { rules, pageSize: geometry.subbufSize });
  const addresses = new AddressText(symbols.printed, symbols.move, { ...options, digits: abi.longSize * 2 });
  const shown = new InferredShown(doubts);
  const env = shown.counted(printEnv({ image, writer, symbols, spec: needs.spec, wrote }));
  const inLatency =
    asKernel && options.latencyFormat && options.contextInfo ? new LatencyCopies(needs.everyEvent) : undefined;
  const copies = asKernel && (inLatency ?? new KernelCopies(needs.pages.sources));
  const told = new ToldBySymbols(writer.kallsyms, scratch?.textAddress);
  const printers = new EventPrinters({
    image,
    writer,
    rules,
    options,
    env,
    release: asKernel?.release ?? writer.release,
    asKernel: asKernel !== undefined,
    byFields: options.fields || moved !== undefined,
    copies,
    symbols: told,
    notes,
  });
  const text: EventText = new EventText({
    abi,
    rules,
    addresses,
    time: needs.time,
    latency: needs.latency,
    names: needs.names,
    string: (address) => env.string(Number(address >> 32n), Number(address & 0xffffffffn)),
    bprintf: bprintfPrinter(abi, writer.release ?? asKernel?.release, env),
    ipOffset: (hi, lo) => kretprobed(env.symbol(hi, lo, "S")),
    formats: writer.formats,
    types: writer.types,
    get nmiTimes() {
      return told.nmiTimes;
    },
    get taskStates() {
      // Pointers are among what lies behind them.
      const lies = moved ?? wrote;
      const there = asKernel && (lies === undefined || lies === writer.kernelText?.linkedAt);
      return there ? writer.kernelText?.taskStates : undefined;
    },
    get noArguments() {
      return asKernel !== undefined && told.noArguments;
    },
    printer: (format) => printers.of(format, text.lastType),
    asKernel: asKernel !== undefined,
    copyOf: copies && ((event) => copies.of(event)),
    ...(inLatency === undefined ? {} : { typeBehind: (event) => inLatency.typeBehind(event) }),
    options,
    graph,
    nrCpus: image.layout.nrCpus,
    irqText: () => irqText(writer.kallsyms),
  });
  return {
    symbols,
    text,
    marked: () => printers.marked,
    inferred: () => shown.count,
  };
}

/**
 * What the symbols that a kernel has tell of it, when something asks for the first time: a name that is not there is looked for
 * in all of kallsyms.
 */
class ToldBySymbols {
  private named: { readonly machine: string | undefined } | undefined;
  private times: boolean | undefined;
  private none: boolean | undefined;

  constructor(
    private readonly kallsyms: WritingKernel["kallsyms"],
    private readonly text: bigint | undefined,
  ) {}

  get machine(): string | undefined {
    this.named ??= { machine: machineName(this.kallsyms, this.text) };
    return this.named.machine;
  }

  /** trace_hwlat_print() tells no times of NMIs with CONFIG_GENERIC_SCHED_CLOCK, as on arm, arm64, riscv and loongarch. */
  get nmiTimes(): boolean {
    this.times ??= !this.kallsyms?.find([GENERIC_CLOCK]).size;
    return this.times;
  }

  get noArguments(): boolean {
    this.none ??= this.kallsyms !== undefined && printsNoArguments(this.kallsyms);
    return this.none;
  }
}

/** A function of kernel/time/sched_clock.c. */
const GENERIC_CLOCK = "sched_clock_register";

interface EnvNeeds {
  readonly image: Image;
  readonly writer: WritingKernel;
  readonly symbols: Symbols;
  readonly spec: TraceSpec;
  /** _text in the writing boot. */
  readonly wrote: bigint | undefined;
}

function printEnv({ image, writer, symbols, spec, wrote }: EnvNeeds): PrintEnv {
  const { kallsyms, printkFormats, kernelText, hz } = writer;
  const { asKernel, traceOptions: options = TRACE_OPTION_DEFAULTS } = spec;
  const pagesAt = x86PagesAt(image.virtualStart ?? 0n, wrote ?? 0n);
  const usual = makeEnv({
    abi: image.layout.abi,
    symbols: kallsyms,
    printkFormats,
    kernelText,
    hz,
    pointers: asKernel !== undefined && options.hashPtr ? "as-kernel" : "real",
    bitmaskList: options.bitmaskList,
  });
  return {
    ...usual,
    symbol: symbols.render,
    writeSymbol: symbolWriter(symbols.render),
    symAddr: options.symAddr,
    verbose: options.verbose,
    kernelFields: asKernel !== undefined,
    ...(asKernel !== undefined ? { safeString: safeStrings(kallsyms, usual.string) } : {}),
    global: (name) => {
      if (name === "_stext") return symbols.stext();
      if (name === "vmemmap_base") return pagesAt;
      return undefined;
    },
    ...(symbols.adjust ? { adjust: symbols.adjust } : {}),
  };
}
