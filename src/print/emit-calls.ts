import { CHAR, CHAR_PTR, type CType, INT, U64, UINT, VOID } from "../system/formats/ctype.js";
import { FormatError } from "../system/formats/errors.js";
import type { Expr } from "./ast.js";
import { type Codegen, constOf } from "./codegen.js";
import { constant, type Val } from "./value.js";

type Emit = (g: Codegen, args: readonly Expr[], at: number) => Val;

/** Compiles a call: the macros of include/trace/stages/stage3_trace_output.h and the kernel functions in use. */
export function emitCall(g: Codegen, name: string, args: readonly Expr[], at: number): Val {
  const emit = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
  if (emit === undefined) throw new FormatError(`unknown function ${name}()`, at);
  return emit(g, args, at);
}

function text(code: string): Val {
  return { r: "s", code, t: CHAR_PTR };
}

function arg(args: readonly Expr[], i: number, at: number): Expr {
  const e = args[i];
  if (e === undefined) throw new FormatError("too few arguments", at);
  return e;
}

function nameOf(args: readonly Expr[], at: number): string {
  const e = arg(args, 0, at);
  if (e.op !== "ident") throw new FormatError("a field name is expected", at);
  return e.name;
}

/** The dynamic array that `name` means; both __data_loc and __rel_loc fields answer to it. */
function dynamicOf(g: Codegen, args: readonly Expr[], at: number) {
  const e = arg(args, 0, at);
  if (e.op === "index" && e.a.op === "ident" && e.i.op === "num") {
    // Arrays of strings of probe events: __get_str(name[1]).
    return g.dynamic(e.a.name, at, Number(e.i.value));
  }
  return g.dynamic(nameOf(args, at), at);
}

function position(g: Codegen, args: readonly Expr[], at: number, to: CType): Val {
  const a = dynamicOf(g, args, at);
  return { r: "r", code: a.position, t: { kind: "ptr", to } };
}

/** An int argument as JavaScript code. */
function int(g: Codegen, e: Expr): string {
  return g.low(g.convert(g.expr(e), INT));
}

function uint(g: Codegen, e: Expr): string {
  return g.low(g.convert(g.expr(e), UINT));
}

/** A pointer argument that must lie in the record. */
function inRecord(g: Codegen, e: Expr): string {
  const v = g.expr(e);
  if (v.r === "r") return v.code;
  throw new FormatError("a pointer that does not lead into the record");
}

/** Value and table of __print_flags() and __print_symbolic(). */
function named(g: Codegen, value: Expr, items: readonly Expr[], wide: boolean): { pair: string; table: string } {
  const t = wide ? U64 : g.ulong;
  const v = g.convert(g.expr(value), t);
  const list =
    items.length === 1 && items[0]!.op === "list" && items[0]!.items[0]?.op === "list" ? items[0]!.items : items;
  const table = g.keep(g.nameTable(list, wide));
  const p = g.pair(v);
  if (p !== undefined && v.r !== "n") return { pair: `${p.hi},${p.lo}`, table };
  if (v.r === "n") {
    // Evaluated once even when it is long: the halves follow from the number.
    if (v.nonNegative || g.longSize === 4) return { pair: `0,${v.code}`, table };
    const t0 = g.temp();
    return { pair: `((${t0}=${v.code})<0?${wide || g.longSize === 8 ? 4294967295 : 0}:0),${t0}>>>0`, table };
  }
  const t0 = g.temp();
  return { pair: `Number((${t0}=BigInt.asUintN(64,${g.big(v)}))>>32n),Number(${t0}&4294967295n)`, table };
}

const flags =
  (wide: boolean): Emit =>
  (g, args, at) => {
    const delim = g.expr(arg(args, 1, at));
    const { pair, table } = named(g, arg(args, 0, at), args.slice(2), wide);
    const by = delim.r === "s" ? delim.code : '""';
    return text(`H.printFlags(${table},${by},${pair})`);
  };

const symbolic =
  (wide: boolean): Emit =>
  (g, args, at) => {
    const { pair, table } = named(g, arg(args, 0, at), args.slice(1), wide);
    return text(`H.printSymbolic(${table},${pair})`);
  };

const hex =
  (separator: string): Emit =>
  (g, args, at) =>
    text(`H.hexBytes(u,${inRecord(g, arg(args, 0, at))},${int(g, arg(args, 1, at))},o,e,${JSON.stringify(separator)})`);

const bitmask: Emit = (g, args, at) => {
  const a = dynamicOf(g, args, at);
  return text(`H.bitmap(u,${a.position},${a.length}*8,o,e,${g.abi.littleEndian},${g.longSize},E.bitmaskList===true)`);
};

const dynamic: Emit = (g, args, at) => position(g, args, at, VOID);
const dynamicLength: Emit = (g, args, at) => {
  const a = dynamicOf(g, args, at);
  return { r: "n", code: a.length, t: INT, nonNegative: true };
};
const dynamicText: Emit = (g, args, at) => position(g, args, at, CHAR);

/** A helper that takes u32 values and returns text. */
const words =
  (helper: string, count: number): Emit =>
  (g, args, at) =>
    text(
      `H.${helper}(${Array.from({ length: count }, (_, i) => uint(g, arg(args, i + (args.length - count), at))).join(",")})`,
    );

/** A helper on bytes of the record: (p, ..., pointer). */
const nvme =
  (helper: string): Emit =>
  (g, args, at) =>
    text(`H.${helper}(${uint(g, arg(args, 1, at))},u,${inRecord(g, arg(args, 2, at))},o,e)`);

/** A function that returns its argument (page-table accessors without paravirtualisation; __builtin_expect). */
const same: Emit = (g, args, at) => g.expr(arg(args, 0, at));

const onOff =
  (yes: string, no: string): Emit =>
  (g, args, at) =>
    text(`(${g.truth(g.expr(arg(args, 0, at)))}?${JSON.stringify(yes)}:${JSON.stringify(no)})`);

/** ilog2 of a value: 63 - clz. */
function ilog2(k: bigint): bigint {
  return BigInt(k.toString(2).length - 1);
}

const constantly =
  (f: (k: bigint) => bigint): Emit =>
  (g, args, at) => {
    const k = constOf(g.expr(arg(args, 0, at)));
    if (k === undefined) throw new FormatError("a constant is expected", at);
    return constant(f(BigInt.asUintN(64, k)), INT, g.longSize);
  };

const CALLS: Readonly<Record<string, Emit>> = {
  __print_flags: flags(false),
  __print_flags_u64: flags(true),
  __print_symbolic: symbolic(false),
  __print_symbolic_u64: symbolic(true),
  __print_hex: hex(" "),
  __print_hex_str: hex(""),
  __print_array: (g, args, at) =>
    text(
      `H.printArray(d,${g.abi.littleEndian},${inRecord(g, arg(args, 0, at))},${int(g, arg(args, 1, at))},${int(g, arg(args, 2, at))},o,e)`,
    ),
  __print_dynamic_array: (g, args, at) => {
    const a = dynamicOf(g, args, at);
    const size = int(g, arg(args, 1, at));
    return text(`H.printArray(d,${g.abi.littleEndian},${a.position},H.divS(${a.length},${size}),${size},o,e)`);
  },
  __print_hex_dump: (g, args, at) => {
    const prefix = g.expr(arg(args, 0, at));
    const rest = [1, 2, 3].map((i) => int(g, arg(args, i, at)));
    return text(
      `H.hexDump(u,${inRecord(g, arg(args, 4, at))},${int(g, arg(args, 5, at))},o,e,${g.string(prefix)},${rest.join(",")},${g.truth(g.expr(arg(args, 6, at)))})`,
    );
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
    return text(`H.stackTrace(E,d,${a.position},${a.length},o,e,${g.abi.littleEndian},${g.longSize})`);
  },
  __builtin_expect: same,
  __builtin_constant_p: (g, args, at) =>
    constant(constOf(g.expr(arg(args, 0, at))) === undefined ? 0n : 1n, INT, g.longSize),
  __builtin_clzll: constantly((k) => (k === 0n ? 64n : 63n - ilog2(k))),
  __ilog2_u32: constantly((k) => (k === 0n ? -1n : ilog2(k))),
  __ilog2_u64: constantly((k) => (k === 0n ? -1n : ilog2(k))),
  __order_base_2: constantly((k) => (k > 1n ? ilog2(k - 1n) + 1n : 0n)),
  __builtin_types_compatible_p: (g) => constant(0n, INT, g.longSize),
  jiffies_to_msecs: (g, args, at) => {
    const v = g.convert(g.expr(arg(args, 0, at)), g.ulong);
    const p = g.pair(v);
    if (p === undefined) return { r: "n", code: `H.jiffiesToMsecsB(${g.big(v)},E.hz)`, t: UINT, nonNegative: true };
    return { r: "n", code: `H.jiffiesToMsecs(${p.hi},${p.lo},E.hz)`, t: UINT, nonNegative: true };
  },
  pte_val: same,
  pmd_val: same,
  pud_val: same,
  p4d_val: same,
  pgd_val: same,
  native_make_pte: same,
  native_make_pmd: same,
  native_make_pud: same,
  native_make_p4d: same,
  native_make_pgd: same,
  str_on_off: onOff("on", "off"),
  str_read_write: onOff("read", "write"),
  str_yes_no: onOff("yes", "no"),
  str_true_false: onOff("true", "false"),
  str_enable_disable: onOff("enable", "disable"),
  str_enabled_disabled: onOff("enabled", "disabled"),
  str_up_down: onOff("up", "down"),
  str_write_read: onOff("write", "read"),
  mc_event_error_type: words("mcEventErrorType", 1),
  xen_hypercall_name: words("xenHypercallName", 1),
  libata_trace_parse_status: words("ataStatus", 1),
  libata_trace_parse_host_stat: words("ataHostStat", 1),
  libata_trace_parse_eh_action: words("ataEhAction", 1),
  libata_trace_parse_eh_err_mask: words("ataEhErrMask", 1),
  libata_trace_parse_qc_flags: words("ataQcFlags", 1),
  libata_trace_parse_tf_flags: words("ataTfFlags", 1),
  libata_trace_parse_subcmd: words("ataSubcmd", 3),
  scsi_trace_parse_cdb: (g, args, at) =>
    text(`H.scsiCdb(u,${inRecord(g, arg(args, 1, at))},${int(g, arg(args, 2, at))},o,e)`),
  nvme_trace_disk_name: (g, args, at) => text(`H.nvmeDiskName(${g.string(g.expr(arg(args, 1, at)))})`),
  nvme_trace_parse_admin_cmd: nvme("nvmeAdmin"),
  nvme_trace_parse_nvm_cmd: nvme("nvmeNvm"),
  nvme_trace_parse_fabrics_cmd: nvme("nvmeFabrics"),
  decode_prq_descriptor: (g, args, at) => {
    const halves = [2, 3, 4, 5].map((i) => g.big(g.convert(g.expr(arg(args, i, at)), U64)));
    return text(`H.prqDescriptor(${halves.join(",")})`);
  },
  __trace_print_untrusted_str: (g, args, at) =>
    text(`H.untrusted(u,${inRecord(g, arg(args, 1, at))},${int(g, arg(args, 2, at))},o,e)`),
  __trace_landlock_print_layers: (g, args, at) => {
    const table = g.expr(arg(args, 3, at));
    if (table.r !== "table") throw new FormatError("a table of names is expected", at);
    return text(
      `H.landlockLayers(d,${g.abi.littleEndian},${inRecord(g, arg(args, 1, at))},${int(g, arg(args, 2, at))},K[${table.index}],o,e)`,
    );
  },
};
