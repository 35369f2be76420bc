import type { Expr } from "../../../src/print/ast.js";
import { hexDump } from "../../../src/print/hex-dump.js";
import { bitmap, hexBytes, printArray } from "../../../src/print/runtime.js";
import { CHAR, type CType, INT, intType, U64, UINT, VOID } from "../../../src/system/formats/ctype.js";
import type { Evaluator } from "./evaluate.js";
import { cString } from "./printf.js";
import { Fault, Unsupported, type Value } from "./values.js";

type Call = (x: Evaluator, args: readonly Expr[]) => Value;

const text = (t: string): Value => ({ kind: "text", text: t });

/** A dynamic array's place and length: offset and length in one word. */
function dynamic(x: Evaluator, e: Expr | undefined): { at: number; length: number } {
  const [name, element] =
    e?.op === "index" && e.a.op === "ident" && e.i.op === "num"
      ? [e.a.name, Number(e.i.value)]
      : [e?.op === "ident" ? e.name : "", 0];
  const field = x.format.fields.findLast((f) => f.name === name && (f.shape === "data_loc" || f.shape === "rel_loc"));
  if (field === undefined) throw new Unsupported("a dynamic array");
  const place = x.record.start + field.offset + 4 * element;
  const word = Number((x.load(place, UINT) as Value & { kind: "number" }).value);
  const base = field.shape === "data_loc" ? x.record.start : place + 4;
  return { at: base + (word & 0xffff), length: word >>> 16 };
}

const array =
  (to: CType): Call =>
  (x, [e]) => ({ kind: "memory", at: dynamic(x, e).at, type: { kind: "ptr", to } });

function memory(v: Value): number {
  if (v.kind !== "memory") throw new Unsupported("not in the record");
  return v.at;
}

/** Values and names of a table, up to { -1, NULL }. */
function table(x: Evaluator, items: readonly Expr[], type: CType): [bigint, string][] {
  const first = items[0];
  const nested = items.length === 1 && first?.op === "list" && first.items[0]?.op === "list";
  const list = nested ? (first as Expr & { op: "list" }).items : items;
  if (list.length === 1 && list[0]!.op === "list" && list[0]!.items.length === 0) return [];
  const out: [bigint, string][] = [];
  for (const item of list) {
    if (item.op !== "list" || item.items.length !== 2) throw new Unsupported("a table");
    const value = x.numeric(x.convert(x.eval(item.items[0]!), type)).value;
    const name = x.eval(item.items[1]!);
    if (name.kind === "text") out.push([value, name.text]);
    else if (name.kind === "number" && name.value === 0n) break;
    else throw new Unsupported("a table");
  }
  return out;
}

const flags =
  (wide: boolean): Call =>
  (x, [value, delim, ...items]) => {
    const type = wide ? U64 : x.ulong;
    let left = x.numeric(x.convert(x.eval(value!), type)).value;
    const by = x.eval(delim!);
    const out: string[] = [];
    for (const [mask, name] of table(x, items, type)) {
      if (left === 0n) break;
      if ((left & mask) !== mask) continue;
      out.push(name);
      left &= ~mask;
    }
    if (left !== 0n) out.push(`0x${left.toString(16)}`);
    return text(out.join(by.kind === "text" ? by.text : ""));
  };

const symbolic =
  (wide: boolean): Call =>
  (x, [value, ...items]) => {
    const type = wide ? U64 : x.ulong;
    const v = x.numeric(x.convert(x.eval(value!), type)).value;
    const name = table(x, items, type).find(([k]) => k === v)?.[1];
    return text(name || `0x${v.toString(16)}`);
  };

const hex =
  (separator: string): Call =>
  (x, [e, length]) =>
    text(hexBytes(x.record, memory(x.eval(e!)), Number(x.int(length!)), separator));

function numbers(x: Evaluator, at: number, count: number, size: number): Value {
  return text(printArray(x.record, at, count, size));
}

const mask: Call = (x, [e]) => {
  const { at, length } = dynamic(x, e);
  return text(bitmap(x.record, at, length * 8, false));
};

/** A pure function of one unsigned number. */
const pure =
  (argument: CType, result: CType, f: (v: bigint) => bigint): Call =>
  (x, [e]) =>
    x.number(f(x.numeric(x.convert(x.eval(e!), argument)).value), result);

const swapped = (size: 2 | 4 | 8): Call =>
  pure(intType(size, false), intType(size, false), (v) => {
    const digits = v.toString(16).padStart(size * 2, "0");
    return BigInt(`0x${digits.match(/../g)!.toReversed().join("")}`);
  });

const lowest = (v: bigint, none: bigint): bigint => {
  if (v === 0n) return none;
  let i = 0n;
  while (((v >> i) & 1n) === 0n) i++;
  return i;
};

const same: Call = (x, [e]) => x.eval(e!);

const CALLS: Readonly<Record<string, Call>> = {
  __print_flags: flags(false),
  __print_flags_u64: flags(true),
  __print_symbolic: symbolic(false),
  __print_symbolic_u64: symbolic(true),
  __print_hex: hex(" "),
  __print_hex_str: hex(""),
  __print_array: (x, [e, count, size]) => numbers(x, memory(x.eval(e!)), Number(x.int(count!)), Number(x.int(size!))),
  __print_dynamic_array: (x, [e, size]) => {
    const { at, length } = dynamic(x, e);
    const each = Number(x.int(size!));
    if (each === 0) throw new Fault("division by zero");
    return numbers(x, at, Math.trunc(length / each), each);
  },
  __print_hex_dump: (x, args) => {
    const [prefix, type, row, group, e, length, ascii] = args;
    const [t, r, g] = [type, row, group].map((n) => Number(x.int(n!))) as [number, number, number];
    const at = memory(x.eval(e!));
    const words = cString(x, x.eval(prefix!));
    const shown = x.truth(x.eval(ascii!));
    const count = Number(x.int(length!));
    const style = { prefix: words, prefixType: t, rowSize: r, groupSize: g, ascii: shown };
    return text(hexDump(x.record, at, count, style));
  },
  __print_ns_to_secs: pure(U64, U64, (v) => v / 1_000_000_000n),
  __print_ns_without_secs: pure(U64, UINT, (v) => v % 1_000_000_000n),
  __get_str: array(CHAR),
  __get_rel_str: array(CHAR),
  __get_dynamic_array: array(VOID),
  __get_rel_dynamic_array: array(VOID),
  __get_sockaddr: array(VOID),
  __get_rel_sockaddr: array(VOID),
  __get_dynamic_array_len: (x, [e]) => x.number(BigInt(dynamic(x, e).length), INT),
  __get_rel_dynamic_array_len: (x, [e]) => x.number(BigInt(dynamic(x, e).length), INT),
  __get_bitmask: mask,
  __get_rel_bitmask: mask,
  __get_cpumask: mask,
  __get_rel_cpumask: mask,
  __builtin_expect: same,
  __builtin_bswap16: swapped(2),
  __builtin_bswap32: swapped(4),
  __builtin_bswap64: swapped(8),
  __fswab16: swapped(2),
  __fswab32: swapped(4),
  __fswab64: swapped(8),
  __builtin_ctz: pure(UINT, INT, (v) => lowest(v, 32n)),
  __builtin_ctzll: pure(U64, INT, (v) => lowest(v, 64n)),
  ktime_to_ns: same,
  ns_to_ktime: same,
  ktime_to_us: pure(intType(8, true), intType(8, true), (v) => v / 1000n),
  ktime_to_ms: pure(intType(8, true), intType(8, true), (v) => v / 1_000_000n),
};

export function call(x: Evaluator, name: string, args: readonly Expr[]): Value {
  const f = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
  if (f === undefined) throw new Unsupported(`${name}()`);
  return f(x, args);
}
