/** The types that every kernel numbers alike (enum trace_type, kernel/trace/trace.h 6.12 to 7.3). */
export type BuiltinName =
  | "function"
  | "context_switch"
  | "wakeup"
  | "kernel_stack"
  | "print"
  | "bprint"
  | "mmiotrace_rw"
  | "mmiotrace_map"
  | "branch"
  | "funcgraph_exit"
  | "funcgraph_entry"
  | "fgraph_retaddr_entry"
  | "user_stack"
  | "blk"
  | "bputs"
  | "hwlat"
  | "osnoise"
  | "timerlat"
  | "raw_data"
  | "func_repeats";

const FIRST: readonly BuiltinName[] = [
  "function",
  "context_switch",
  "wakeup",
  "kernel_stack",
  "print",
  "bprint",
  "mmiotrace_rw",
  "mmiotrace_map",
  "branch",
  "funcgraph_exit",
  "funcgraph_entry",
];
const REST: readonly BuiltinName[] = [
  "user_stack",
  "blk",
  "bputs",
  "hwlat",
  "osnoise",
  "timerlat",
  "raw_data",
  "func_repeats",
];

const OLD: readonly (BuiltinName | undefined)[] = [undefined, ...FIRST, ...REST];
/** Since 6.13 TRACE_GRAPH_RETADDR_ENT stands behind TRACE_GRAPH_ENT. */
const NEW: readonly (BuiltinName | undefined)[] = [undefined, ...FIRST, "fgraph_retaddr_entry", ...REST];

/** The same without CONFIG_FUNCTION_GRAPH_RETADDR: the type is numbered, and has neither a format file nor a printer. */
const NEW_WITHOUT_RETADDR = NEW.map((name) => (name === "fgraph_retaddr_entry" ? undefined : name));

/**
 * The fixed events by type.
 * @param retaddrType whether TRACE_GRAPH_RETADDR_ENT is among them
 * @param formats the kernel's format files by type, where known
 */
export function builtinTypes(
  retaddrType: boolean,
  formats: Pick<ReadonlyMap<number, { readonly name: string }>, "get">,
): readonly (BuiltinName | undefined)[] {
  if (!retaddrType) return OLD;
  const has = (name: BuiltinName): boolean => formats.get(NEW.indexOf(name))?.name === name;
  return has("funcgraph_entry") && !has("fgraph_retaddr_entry") ? NEW_WITHOUT_RETADDR : NEW;
}

/**
 * Fixed events that no one prints in an instance: without their tracer (mmiotrace), or without
 * CONFIG_BRANCH_TRACER, no trace_event is registered for the type, and the kernel says `Unknown type N`.
 */
export const UNPRINTED: ReadonlySet<BuiltinName> = new Set(["mmiotrace_rw", "mmiotrace_map", "branch"]);
