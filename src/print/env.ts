import type { SymbolStyle } from "../system/symbols/style.js";
import { Stamp, type TextSink } from "./text-sink.js";

/**
 * What a formatter asks of its surroundings. Addresses come as two unsigned 32-bit halves (high 0 for a 32-bit writer);
 * text is one character a byte (latin1), so that whatever bytes an event holds can be written out unchanged.
 */
export interface PrintEnv {
  /** The text of %pS, %ps and %pB. */
  symbol(hi: number, lo: number, style: SymbolStyle): string;
  /** The same, written to a sink; the halves may be signed. */
  writeSymbol?(out: TextSink, hi: number, lo: number, style: SymbolStyle): void;
  /**
   * The text of %p, for anything but NULL and error values (those the kernel prints as they are).
   * @param known false when the value could not be computed because it depends on a variable of the kernel
   */
  pointer(hi: number, lo: number, known: boolean): string;
  /** %p shows every known address as %px does: pointer() need not be asked. */
  readonly realPointers?: boolean;
  /** The string at a kernel address, when it is known (printk_formats). */
  string(hi: number, lo: number): string | undefined;
  /** The value of a kernel variable that a print format names (vmemmap_base, jiffies, ...); undefined when not known. */
  global?(name: string): bigint | undefined;
  /** trace_adjust_address(): an address of the writing boot in the reading boot; used when printing field by field. */
  adjust?(hi: number, lo: number): readonly [number, number];
  /** The instance's "bitmask-list" option (since 6.19): cpumasks as ranges, not as hex. */
  readonly bitmaskList?: boolean;
  /** Whether the kernel prints the string at an address that an event of this name has in a field; without this, it does. */
  safeString?(hi: number, lo: number, event: string): boolean;
  /** The instance's "sym-addr" option: the place of a probe event shows its address, too. */
  readonly symAddr?: boolean;
  /** The instance's "verbose" option: system calls' arguments have their types. */
  readonly verbose?: boolean;
  /** Field by field, arrays and masks read <INVALID-SIZE> and <INVALID-TYPE> as the kernel prints them. */
  readonly kernelFields?: boolean;
  /** CONFIG_HZ of the writer, for jiffies_to_msecs(). 250 when not given. */
  readonly hz?: number;
}

/** An address in hex, as "%px" prints it. */
export function hexAddress(hi: number, lo: number, longSize: 4 | 8): string {
  const low = lo.toString(16).padStart(8, "0");
  return longSize === 8 ? hi.toString(16).padStart(8, "0") + low : low;
}

/** What stands for a pointer whose value cannot be computed offline. */
export function unknownPointer(longSize: 4 | 8): string {
  return longSize === 8 ? "(___unknown____)" : "(unkn)".padStart(8);
}

interface SeenSymbol {
  readonly hi: number;
  readonly lo: number;
  readonly style: SymbolStyle;
  readonly stamp: Stamp;
}

/** Symbols that are remembered as they are written: a power of two. */
const SEEN_SYMBOLS = 2048;

/** PrintEnv's writeSymbol() of its symbol(): the same few are printed over and over. */
export function symbolWriter(symbol: PrintEnv["symbol"]): NonNullable<PrintEnv["writeSymbol"]> {
  const seen: (SeenSymbol | undefined)[] = new Array<undefined>(SEEN_SYMBOLS).fill(undefined);
  return (out, hi, lo, style) => {
    const slot = (lo ^ (lo >>> 11)) & (SEEN_SYMBOLS - 1);
    let there = seen[slot];
    if (there === undefined || there.lo !== lo || there.hi !== hi || there.style !== style) {
      there = { hi, lo, style, stamp: new Stamp(symbol(hi >>> 0, lo >>> 0, style)) };
      seen[slot] = there;
    }
    out.stamp(there.stamp);
  };
}
