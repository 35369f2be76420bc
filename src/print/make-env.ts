import type { Abi } from "../ground/abi.js";
import type { Kallsyms } from "../system/symbols/kallsyms.js";
import type { KernelText } from "../system/symbols/kernel-text.js";
import type { PrintkFormats } from "../system/symbols/printk-formats.js";
import { hexAddress, type PrintEnv, unknownPointer } from "./env.js";

/** How pointers (%p) are to look. */
export type PointerStyle =
  /** The address. */
  | "real"
  /** As a kernel prints them whose hash key is not ready: (____ptrval____). */
  | "as-kernel";

export interface EnvOptions {
  readonly abi: Abi;
  readonly symbols?: Kallsyms | undefined;
  readonly printkFormats?: PrintkFormats | undefined;
  readonly kernelText?: KernelText | undefined;
  readonly pointers?: PointerStyle;
  readonly bitmaskList?: boolean;
  readonly hz?: number | undefined;
}

/** The usual environment of a formatter: symbols from kallsyms, strings from printk_formats and the boot image. */
export function makeEnv(options: EnvOptions): PrintEnv {
  const { abi, symbols, printkFormats, kernelText } = options;
  const long = abi.longSize;
  const masked = long === 8 ? "(____ptrval____)" : "(ptrval)";
  const real = options.pointers !== "as-kernel";
  return {
    symbol: (hi, lo, style) =>
      symbols?.render(hi, lo, style) ??
      `0x${hi === 0 ? lo.toString(16) : hi.toString(16) + lo.toString(16).padStart(8, "0")}`,
    pointer: (hi, lo, known) => (real ? (known ? hexAddress(hi, lo, long) : unknownPointer(long)) : masked),
    realPointers: real,
    string: (hi, lo) => {
      // The kernel's own strings moved with it; those of modules lie in memory that was allocated for them.
      const address = symbols?.unrelocate((BigInt(hi) << 32n) | BigInt(lo));
      const moved =
        address === undefined ? undefined : printkFormats?.get(Number(address >> 32n), Number(address & 0xffffffffn));
      const listed = moved ?? printkFormats?.get(hi, lo);
      if (listed !== undefined || kernelText === undefined) return listed;
      const told = (BigInt(hi) << 32n) | BigInt(lo);
      if (kernelText.linkedAt === undefined) return kernelText.textAt(told);
      const ofModule = kernelText.moduleTextAt?.(told);
      if (ofModule !== undefined) return ofModule;
      if (address === undefined) return undefined;
      // Symbols of a boot that KASLR moved are that far from the file's.
      const text = symbols?.textAddress ?? kernelText.linkedAt;
      return kernelText.textAt(address - text + kernelText.linkedAt);
    },
    global: (name) => (name === "_stext" ? symbols?.find(["_stext"]).get("_stext") : undefined),
    ...(options.bitmaskList === undefined ? {} : { bitmaskList: options.bitmaskList }),
    ...(options.hz === undefined ? {} : { hz: options.hz }),
  };
}
