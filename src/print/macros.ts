import { CHAR, type CType, INT, U64, UINT, VOID } from "../system/formats/ctype.js";
import type { Expr } from "./ast.js";
import { arg, type Calls, type Emit, inRecord, int, nameOf, text } from "./call.js";
import type { Emitter } from "./emitter.js";
import { fn } from "./library.js";
import type { Val } from "./value.js";

/** The dynamic array that `name` means; both __data_loc and __rel_loc fields answer to it. */
function dynamicOf(g: Emitter, args: readonly Expr[], at: number) {
  const e = arg(args, 0, at);
  if (e.op === "index" && e.a.op === "ident" && e.i.op === "num") {
    // Arrays of strings of probe events: __get_str(name[1]).
    return g.dynamic(e.a.name, at, Number(e.i.value));
  }
  return g.dynamic(nameOf(args, at), at);
}

function position(g: Emitter, args: readonly Expr[], at: number, to: CType): Val {
  const a = dynamicOf(g, args, at);
  return { r: "r", code: a.position, t: { kind: "ptr", to } };
}

function isEmptyList(e: Expr): boolean {
  return e.op === "list" && e.items.length === 0;
}

/** Value and table of __print_flags() and __print_symbolic(). */
function named(
  g: Emitter,
  value: Expr,
  items: readonly Expr[],
  wide: boolean,
): { pair: string; table: string; nameless: boolean } {
  const t = wide ? U64 : g.ulong;
  const v = g.convert(g.expr(value), t);
  const list =
    items.length === 1 && items[0]!.op === "list" && items[0]!.items[0]?.op === "list" ? items[0]!.items : items;
  // `{ }` alone is {0, NULL}: a table without names.
  const names = g.nameTable(list.length === 1 && isEmptyList(list[0]!) ? [] : list, wide);
  const table = g.keep(names);
  const nameless = names.nameless !== undefined;
  const p = g.pair(v);
  if (p !== undefined && v.r !== "n") return { pair: `${p.hi},${p.lo}`, table, nameless };
  if (v.r === "n") {
    // Evaluated once even when it is long: the halves follow from the number.
    if (v.nonNegative || g.longSize === 4) return { pair: `0,${v.code}`, table, nameless };
    const t0 = g.temp();
    return { pair: `((${t0}=${v.code})<0?${wide || g.longSize === 8 ? 4294967295 : 0}:0),${t0}>>>0`, table, nameless };
  }
  const t0 = g.temp();
  return { pair: `Number((${t0}=BigInt.asUintN(64,${g.big(v)}))>>32n),Number(${t0}&4294967295n)`, table, nameless };
}

const flags =
  (wide: boolean): Emit =>
  (g, args, at) => {
    const delim = g.expr(arg(args, 1, at));
    const { pair, table, nameless } = named(g, arg(args, 0, at), args.slice(2), wide);
    const by = delim.r === "s" ? delim.code : '""';
    const note = nameless ? `${fn.namelessFlag}(R,${table},${pair})+` : "";
    return text(`${note}${fn.printFlags}(${table},${by},${pair})`);
  };

const symbolic =
  (wide: boolean): Emit =>
  (g, args, at) => {
    const { pair, table, nameless } = named(g, arg(args, 0, at), args.slice(1), wide);
    const note = nameless ? `${fn.namelessValue}(R,${table},${pair})+` : "";
    return text(`${note}${fn.printSymbolic}(${table},${pair})`);
  };

const hex =
  (separator: string): Emit =>
  (g, args, at) =>
    text(`${fn.hexBytes}(R,${inRecord(g, arg(args, 0, at))},${int(g, arg(args, 1, at))},${JSON.stringify(separator)})`);

const bitmask: Emit = (g, args, at) => {
  const a = dynamicOf(g, args, at);
  return text(`${fn.bitmap}(R,${a.position},${a.length}*8,E.bitmaskList===true)`);
};

const dynamic: Emit = (g, args, at) => position(g, args, at, VOID);
const dynamicLength: Emit = (g, args, at) => {
  const a = dynamicOf(g, args, at);
  return { r: "n", code: a.length, t: INT, nonNegative: true };
};
const dynamicText: Emit = (g, args, at) => position(g, args, at, CHAR);

/** The macros of include/trace/stages/stage3_trace_output.h. */
export const MACRO_CALLS: Calls = {
  __print_flags: flags(false),
  __print_flags_u64: flags(true),
  __print_symbolic: symbolic(false),
  __print_symbolic_u64: symbolic(true),
  __print_hex: hex(" "),
  __print_hex_str: hex(""),
  // What __print_hex() was up to 3.x, with the sequence in front.
  ftrace_print_hex_seq: (g, args, at) => hex(" ")(g, args.slice(1), at),
  __print_array: (g, args, at) =>
    text(
      `${fn.printArray}(R,${inRecord(g, arg(args, 0, at))},${int(g, arg(args, 1, at))},${int(g, arg(args, 2, at))})`,
    ),
  __print_dynamic_array: (g, args, at) => {
    const a = dynamicOf(g, args, at);
    const size = int(g, arg(args, 1, at));
    return text(`${fn.printArray}(R,${a.position},${fn.divS}(${a.length},${size}),${size})`);
  },
  __print_hex_dump: (g, args, at) => {
    const prefix = g.string(g.expr(arg(args, 0, at)));
    const [type, row, group] = [1, 2, 3].map((i) => int(g, arg(args, i, at)));
    const ascii = g.truth(g.expr(arg(args, 6, at)));
    const style = `{prefix:${prefix},prefixType:${type},rowSize:${row},groupSize:${group},ascii:${ascii}}`;
    return text(`${fn.hexDump}(R,${inRecord(g, arg(args, 4, at))},${int(g, arg(args, 5, at))},${style})`);
  },
  __print_ns_to_secs: (g, args, at) => {
    const v = g.big(g.convert(g.expr(arg(args, 0, at)), U64));
    return { r: "b", code: `(${v}/1000000000n)`, t: U64 };
  },
  __print_ns_without_secs: (g, args, at) => {
    const v = g.big(g.convert(g.expr(arg(args, 0, at)), U64));
    return { r: "n", code: `Number(${v}%1000000000n)`, t: UINT, nonNegative: true };
  },
  __get_str: dynamicText,
  __get_rel_str: dynamicText,
  __get_dynamic_array: dynamic,
  __get_rel_dynamic_array: dynamic,
  __get_dynamic_array_len: dynamicLength,
  __get_rel_dynamic_array_len: dynamicLength,
  __get_bitmask: bitmask,
  __get_rel_bitmask: bitmask,
  __get_cpumask: bitmask,
  __get_rel_cpumask: bitmask,
  __get_sockaddr: dynamic,
  __get_rel_sockaddr: dynamic,
  __get_sockaddr_rel: dynamic,
  __get_stacktrace: (g, args, at) => {
    const a = dynamicOf(g, args, at);
    return text(`${fn.stackTrace}(R,${a.position},${a.length})`);
  },
};
