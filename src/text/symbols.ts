import type { Image } from "../image/image.js";
import type { Scratch } from "../image/scratch.js";
import type { BootResult } from "../kernel/boot.js";
import type { TraceFileBehaviour } from "../kernel/versions/printing.js";
import { looksRandom } from "../machine/usual-text.js";
import type { PrintEnv } from "../print/env.js";
import type { Kallsyms } from "../system/symbols/kallsyms.js";
import type { WritingKernel } from "../system/writing-kernel.js";
import type { SymbolLookup } from "./addresses.js";
import type { ReadingKernel } from "./reading-kernel.js";

/**
 * Address of _text in the writing boot. Before 6.15 a CPU's meta has the address of one function of ring_buffer.c
 * instead (rb_meta_init_text_addr()).
 */
export function writersText(
  image: Image,
  kallsyms: Kallsyms | undefined,
  scratch: Scratch | undefined,
  booted: BootResult | undefined,
): bigint | undefined {
  if (image.layout.generation === "global") return scratch?.textAddress || undefined;
  const listed = kallsyms?.find(["_text", "rb_meta_init_text_addr"]);
  const text = listed?.get("_text");
  const mark = listed?.get("rb_meta_init_text_addr");
  if (text === undefined || mark === undefined) return undefined;
  let found: bigint | undefined;
  for (const { cpu, meta } of image.cpus) {
    const verdict = booted?.cpus[cpu]?.verdict;
    if (verdict === "reset" || verdict === "not-reached") continue;
    const address = (meta?.values as { text_addr?: bigint } | undefined)?.text_addr;
    if (address) found = BigInt.asUintN(64, address - mark + text);
  }
  return found;
}

/** Where the kernel lies in the reading boot, when not where the writer had it. */
export function movedText(wrote: bigint | undefined, reader: ReadingKernel, notes: string[]): bigint | undefined {
  if (wrote === undefined) return undefined;
  if (reader.text !== undefined) return reader.text === wrote ? undefined : reader.text;
  if (!looksRandom(wrote)) return undefined;
  notes.push(
    `the writing boot had KASLR (_text at 0x${wrote.toString(16)}), and _text of the next boot is not given: it prints fields`,
  );
  return wrote;
}

export interface Symbols {
  /** Finds the symbol of an address of the writing boot. */
  readonly lookup: SymbolLookup;
  /** The same of an address of the boot that prints. */
  readonly printed: SymbolLookup;
  readonly render: PrintEnv["symbol"];
  /** What the kernel does to an address before it prints it: adds the delta, or trace_adjust_address() since 6.15. */
  readonly move?: (address: bigint) => bigint;
  /** The same where print_fields() does it too: since 6.15. */
  readonly adjust?: PrintEnv["adjust"];
  /** _stext in the boot that prints. */
  stext(): bigint | undefined;
}

/** Where _text lies. */
interface TextAddresses {
  /** In the boot that wrote. */
  readonly wrote: bigint | undefined;
  /** In the boot that prints, where it is another. */
  readonly moved: bigint | undefined;
}

export function symbolsFor(
  writer: WritingKernel,
  { wrote, moved }: TextAddresses,
  scratch: Scratch | undefined,
  { rules, pageSize }: { readonly rules: TraceFileBehaviour; readonly pageSize: number },
): Symbols {
  const { kallsyms } = writer;
  if (kallsyms === undefined)
    return {
      stext: () => undefined,
      lookup: () => undefined,
      printed: () => undefined,
      render: (hi, lo) => `0x${((BigInt(hi) << 32n) | BigInt(lo)).toString(16)}`,
    };
  kallsyms.relocate({ text: wrote, modules: scratch?.modules ?? [], pageSize });
  const lookup: SymbolLookup = (address) => kallsyms.lookup(address);
  const stext = (): bigint | undefined => {
    const listed = kallsyms.find(["_stext"]).get("_stext");
    return listed === undefined ? undefined : listed + kallsyms.textDelta;
  };
  if (moved === undefined || wrote === undefined)
    return { stext, lookup, printed: lookup, render: (hi, lo, style) => kallsyms.render(hi, lo, style) };
  return movedSymbols({ kallsyms, stext, lookup }, moved - wrote, { scratch, adjusts: rules.adjustsAddresses });
}

/** The same as a boot prints them whose text lies `delta` behind where the writing boot had it. */
function movedSymbols(
  { kallsyms, stext, lookup }: Pick<Symbols, "stext" | "lookup"> & { readonly kallsyms: Kallsyms },
  delta: bigint,
  { scratch, adjusts }: { readonly scratch: Scratch | undefined; readonly adjusts: boolean },
): Symbols {
  const firstModule = lowest(scratch?.modules ?? []);
  /**
   * trace_adjust_address(): from the first module's text on, by how much the module was moved; below, by how much the
   * kernel was, where that makes it one of the kernel's addresses. Nothing tells where the reading boot has its
   * modules: they are taken to lie where they lay, as those in a large page of text do (execmem's cache on x86).
   */
  const move = (address: bigint): bigint => {
    if (adjusts && ((firstModule !== undefined && address >= firstModule) || !kallsyms.inKernel(address)))
      return address;
    return BigInt.asUintN(64, address + delta);
  };
  /** An address of the reading boot in the writing boot. Data of modules has been allocated anew. */
  const before = (address: bigint): bigint | undefined => {
    const there = BigInt.asUintN(64, address - delta);
    if (kallsyms.inKernel(there)) return there;
    return kallsyms.inModuleText(address) ? address : undefined;
  };
  return {
    stext: () => {
      const there = stext();
      return there === undefined ? undefined : there + delta;
    },
    lookup,
    printed: (address) => {
      const there = before(address);
      return there === undefined ? undefined : kallsyms.lookup(there);
    },
    move,
    render: (hi, lo, style) => {
      const address = (BigInt(hi) << 32n) | BigInt(lo);
      const there = before(address);
      return there === undefined
        ? `0x${address.toString(16)}`
        : kallsyms.render(Number(there >> 32n), Number(there & 0xffffffffn), style);
    },
    ...(adjusts
      ? {
          adjust: (hi: number, lo: number): readonly [number, number] => {
            const there = move((BigInt(hi) << 32n) | BigInt(lo));
            return [Number(there >> 32n), Number(there & 0xffffffffn)];
          },
        }
      : {}),
  };
}

function lowest(modules: readonly { readonly address: bigint }[]): bigint | undefined {
  let low: bigint | undefined;
  for (const { address } of modules) if (low === undefined || address < low) low = address;
  return low;
}

export function irqText(kallsyms: Kallsyms | undefined): { start: bigint; end: bigint } | undefined {
  const found = kallsyms?.find(["__irqentry_text_start", "__irqentry_text_end"]);
  const start = found?.get("__irqentry_text_start");
  const end = found?.get("__irqentry_text_end");
  if (kallsyms === undefined || start === undefined || end === undefined) return undefined;
  return { start: start + kallsyms.textDelta, end: end + kallsyms.textDelta };
}

export function symbolText(lookup: SymbolLookup, address: bigint): string | undefined {
  const hit = lookup(address);
  if (hit === undefined) return undefined;
  const offset = hit.offset === 0n ? "" : `+0x${hit.offset.toString(16)}`;
  return `${hit.name}${offset}${hit.module === undefined ? "" : ` [${hit.module}]`}`;
}

export function functionRange(
  kallsyms: Kallsyms | undefined,
  name: string,
  symbols: Symbols,
): { start: bigint; end: bigint } | undefined {
  const at = kallsyms?.find([name]).get(name);
  if (kallsyms === undefined || at === undefined) return undefined;
  const start = at + kallsyms.textDelta;
  const hit = symbols.lookup(start);
  return { start, end: start + (hit?.size ?? 1n) };
}
