import type { Abi } from "../ground/abi.js";
import { latin1 } from "../ground/latin1.js";
import { type FormatFile, FormatTable } from "./formats/table.js";
import { type BtfFile, KernelTypes } from "./kernel-types.js";
import { parseCmdlines } from "./symbols/cmdlines.js";
import { Kallsyms } from "./symbols/kallsyms.js";
import type { KernelText, PlacedMemory } from "./symbols/kernel-text.js";
import { parseModules } from "./symbols/modules.js";
import { PrintkFormats } from "./symbols/printk-formats.js";
import type { SymbolFile } from "./symbols/symbol-file.js";

/** What a set of files about the writing kernel may hold; each as bytes, not compressed. */
export interface ContextFiles {
  /** Format files: their path and bytes. */
  formats: FormatFile[];
  kallsyms?: SymbolFile;
  printkFormats?: Uint8Array;
  cmdlines?: Uint8Array;
  modules?: Uint8Array;
  dynamicEvents?: Uint8Array;
  /** /sys/kernel/btf: "vmlinux" and modules. */
  btf?: BtfFile[];
  headerPage?: Uint8Array;
  headerEvent?: Uint8Array;
  traceClock?: Uint8Array;
  release?: string;
  /** Whether a person states the release, not a file. */
  releaseStated?: boolean;
  hz?: number;
  /** Constants of a boot image. */
  kernelText?: KernelText;
  /** Of kallsyms: where regions of modules end, which it does not tell; sorted. */
  regionEnds?: readonly bigint[];
  /** Numbers of events that may be another event's: the order in which modules were loaded is not certain. */
  doubtful?: ReadonlySet<number>;
  /** Data of modules whose place is inferred: their symbols in kallsyms, and their constants. */
  placed?: readonly PlacedMemory[];
}

/** The parts of the one, and of the other what the one has not. */
export function mergeContextFiles(first: ContextFiles, second: ContextFiles): ContextFiles {
  const { doubtful, regionEnds, ...rest } = second;
  const ends = regionEnds === undefined || first.kallsyms !== undefined ? {} : { regionEnds };
  if (first.formats.length > 0) return { ...rest, ...ends, ...first };
  return { ...rest, ...ends, ...first, formats: second.formats, ...(doubtful === undefined ? {} : { doubtful }) };
}

/** What is known of the writing kernel. Every part may be missing. */
export interface TraceContext {
  readonly formats: FormatTable;
  readonly symbols: Kallsyms | undefined;
  readonly printkFormats: PrintkFormats | undefined;
  /** What BTF says of the kernel's types. */
  readonly types: KernelTypes | undefined;
  /** pid to comm, one character a byte. */
  readonly cmdlines: ReadonlyMap<number, string>;
  readonly modules: readonly { readonly name: string; readonly size: number; readonly address: bigint }[];
  /** events/header_page, as text. */
  readonly headerPage: string | undefined;
  readonly release: string | undefined;
  /** Whether a person states the release: then it says nothing of the formats. */
  readonly releaseStated: boolean;
  readonly hz: number | undefined;
  /** Text at addresses of the kernel, where its boot image is known. */
  readonly kernelText: KernelText | undefined;
  /** Numbers of events that may be another event's. */
  readonly doubtful: ReadonlySet<number> | undefined;
  /** Memory whose place is inferred. */
  readonly placed: readonly PlacedMemory[] | undefined;
  readonly files: ContextFiles;
}

/** ABI hints of events/header_page: the size of `commit` is that of a long. */
export function longSizeOfHeaderPage(headerPage: string | undefined): 4 | 8 | undefined {
  const m = /commit;\s*offset:\d+;\s*size:(\d+);/.exec(headerPage ?? "");
  return m?.[1] === "4" ? 4 : m?.[1] === "8" ? 8 : undefined;
}

/** Parses what was collected. @param abi the writer's, from the image */
export function buildContext(files: ContextFiles, abi: Abi): TraceContext {
  const optional = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : latin1(bytes));
  const formats = new FormatTable(abi, files.release, optional(files.dynamicEvents));
  for (const file of files.formats) formats.add(file);
  return {
    formats,
    symbols: files.kallsyms === undefined ? undefined : new Kallsyms(files.kallsyms, files.regionEnds),
    printkFormats: files.printkFormats === undefined ? undefined : new PrintkFormats(latin1(files.printkFormats)),
    types: files.btf === undefined ? undefined : new KernelTypes(files.btf),
    cmdlines: files.cmdlines === undefined ? new Map() : parseCmdlines(latin1(files.cmdlines)),
    modules: files.modules === undefined ? [] : parseModules(latin1(files.modules)),
    headerPage: optional(files.headerPage),
    release: files.release,
    releaseStated: files.releaseStated ?? false,
    hz: files.hz,
    kernelText: files.kernelText,
    doubtful: files.doubtful,
    placed: files.placed,
    files,
  };
}
