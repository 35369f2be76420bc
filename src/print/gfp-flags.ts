import { FormatError } from "../system/formats/errors.js";
import { typesOfFields } from "../system/formats/parse-format.js";
import { Expression, type WriterTypes } from "./expression.js";
import { parsePrintFormat } from "./parse-print-format.js";
import type { NameTable } from "./runtime.js";

/**
 * __def_gfpflag_names (include/trace/events/mmflags.h): kmem/kmalloc prints its gfp_flags by that table, which its format
 * file shows. Undefined where there is no such file, or it has none.
 */
export function gfpFlags(kernel: WriterTypes): NameTable | undefined {
  for (const format of kernel.formats.values()) {
    if (format.system !== "kmem" || format.name !== "kmalloc") continue;
    try {
      const { args } = parsePrintFormat(format.printFmt, kernel.abi, typesOfFields(format.fields));
      for (const shown of args) {
        // show_gfp_flags(): "none", where there are no flags.
        const call = shown.op === "cond" ? shown.a : shown;
        if (call.op !== "call" || call.name !== "__print_flags") continue;
        return new Expression(format, kernel).nameTable(call.args.slice(2), false);
      }
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return undefined;
}
