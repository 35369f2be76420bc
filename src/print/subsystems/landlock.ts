import { FormatError } from "../../system/formats/errors.js";
import { arg, type Calls, inRecord, int, text } from "../call.js";
import type { PrintedRecord } from "../record.js";
import { type NameTable, OVERFLOW } from "../runtime.js";

const ESCAPED: Readonly<Record<number, string>> = {
  10: "\\n",
  13: "\\r",
  9: "\\t",
  11: "\\v",
  12: "\\f",
  92: "\\\\",
  7: "\\a",
  27: "\\e",
  34: '\\"',
};

/** include/trace/events/landlock.h __trace_print_untrusted_str(): escapes all that could be taken for a separator. */
function untrusted(r: PrintedRecord, at: number, length: number): string {
  const { u, start, end } = r;
  const limit = 6144;
  // A size_t: string_escape_mem() goes on until there is no memory.
  if (length < 0) r.fatal = "its string has no room for its NUL, and all memory behind it is read";
  const sane = Math.max(0, length);
  if (at < start || at > end) return OVERFLOW;
  let out = "";
  const stop = Math.min(end, at + sane);
  for (let i = at; i < stop; i++) {
    const c = u[i]!;
    const plain = c > 0x20 && c < 0x7f && c !== 0x3d && c !== 0x27 && c !== 0x22 && c !== 0x5c;
    const piece = plain ? String.fromCharCode(c) : (ESCAPED[c] ?? `\\${c.toString(8).padStart(3, "0")}`);
    // The ellipsis that marks a cut, as the bytes of its UTF-8 form.
    if (out.length + piece.length > limit - 4) return `${out}\xe2\x80\xa6`;
    out += piece;
  }
  return at + sane > end ? out + OVERFLOW : out;
}

/** include/trace/events/landlock.h __trace_landlock_print_layers(). */
function landlockLayers(r: PrintedRecord, at: number, count: number, table: NameTable): string {
  const layers: string[] = [];
  for (let i = 0; i < count; i++) {
    const p = at + i * 4;
    if (!r.has(p, 4)) {
      layers.push(OVERFLOW);
      break;
    }
    let mask = r.u32(p);
    const names: string[] = [];
    for (let j = 0; mask !== 0 && j < table.names.length; j++) {
      const m = table.lo[j]!;
      if ((mask & m) >>> 0 !== m) continue;
      names.push(table.names[j]!);
      mask = (mask & ~m) >>> 0;
    }
    layers.push(names.join("|"));
  }
  return `{${layers.join(",")}}`;
}

export const LANDLOCK_CALLS: Calls = {
  __trace_print_untrusted_str: (g, args, at) => {
    g.canKill = true;
    return text(`${g.keep(untrusted)}(R,${inRecord(g, arg(args, 1, at))},${int(g, arg(args, 2, at))})`);
  },
  __trace_landlock_print_layers: (g, args, at) => {
    const table = g.expr(arg(args, 3, at));
    if (table.r !== "table") throw new FormatError("a table of names is expected", at);
    return text(
      `${g.keep(landlockLayers)}(R,${inRecord(g, arg(args, 1, at))},${int(g, arg(args, 2, at))},${table.code})`,
    );
  },
};
