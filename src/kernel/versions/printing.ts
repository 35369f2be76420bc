import { behaviourAt, type Change } from "../../ground/changes.js";
import { isRealtime, parseRelease, type Release } from "../../ground/release.js";
import type { Layout } from "../../image/detect/layout-kinds.js";
import { NEWEST_KNOWN } from "./kernel.js";

/** What differs between kernels in the text of their `trace` file, but for the events' own formats (print/). */
export interface TraceFileBehaviour {
  /** TRACE_FLAG 0x02 is NEED_RESCHED_LAZY ('l', 'L', 'b', 'B'), else IRQS_NOSUPPORT ('X'). */
  readonly lazyResched: boolean;
  /** There is TRACE_GRAPH_RETADDR_ENT: the types above 11 are one more (enum trace_type, kernel/trace/trace.h). */
  readonly retaddrType: boolean;
  /** Addresses of the writing boot go through trace_adjust_address(), in print_fields() too; else all get the delta. */
  readonly adjustsAddresses: boolean;
  /** What a function event has behind its addresses is its arguments (print_function_args()); nobody looks there else. */
  readonly functionArgs: boolean;
  /** An argument that is an enum has its value's name behind it. */
  readonly argumentEnums: boolean;
  /**
   * A function_graph event in an instance whose tracer is nop is printed with the global tracer's flags (CPU, overhead,
   * duration, irqs), else with the nop tracer's, which are none (print_graph_function(), trace_functions_graph.c).
   */
  readonly graphColumns: boolean;
  /** struct ftrace_graph_ent's depth is an unsigned long (else an int). */
  readonly graphDepthLong: boolean;
  /** System call events keep their print format after KASLR (is_syscall_event(), kernel/trace/trace.c). */
  readonly syscallsKeepFormat: boolean;
  /** hwlat's time stamp is printed by %ptSp, which knows no sign, in place of %lld.%09ld (trace_hwlat_print()). */
  readonly unsignedTimes: boolean;
  /** The head of the latency format names the preemption model as dump_stack() does, not by words of its own. */
  readonly preemptModelText: boolean;
  /** rb_inc_iter() tells of a page marked RB_MISSED_EVENTS. */
  readonly pageLost: boolean;
  /** Steps without an event after which rb_iter_peek() gives up. */
  readonly maxSteps: "three" | "pages";
}

const BASE: TraceFileBehaviour = {
  lazyResched: false,
  retaddrType: false,
  adjustsAddresses: false,
  functionArgs: false,
  argumentEnums: false,
  graphColumns: true,
  graphDepthLong: false,
  syscallsKeepFormat: false,
  unsignedTimes: false,
  preemptModelText: false,
  pageLost: false,
  maxSteps: "three",
};

export const TRACE_FILE_CHANGES: readonly Change<TraceFileBehaviour>[] = [
  {
    since: "6.13.0",
    evidence: "placed",
    source: "kernel/trace/trace_output.c, trace.h: not in 6.12",
    change:
      "flag 0x02 is lazy rescheduling (`l`, `L`, `b`, `B`), before it was `X` (no irq support); PREEMPT_RT's patches to 6.12 have it",
    set: { lazyResched: true },
  },
  {
    since: "6.13.0",
    evidence: "placed",
    source: "enum trace_type, kernel/trace/trace.h: not in 6.12",
    change: "event ids from 12 on move up by one",
    set: { retaddrType: true },
  },
  {
    since: "6.15.0",
    evidence: "placed",
    source: "print_trace_header(), kernel/trace/trace.c; preempt_model_str(), lib/dump_stack.c",
    change:
      "the latency format's head has `M:PREEMPT(lazy)` and its like; before it has `desktop`, `preempt_rt` and others",
    set: { preemptModelText: true },
  },
  {
    since: "6.15.0",
    evidence: "placed",
    source: "trace_fn_trace(), kernel/trace/trace_output.c; print_graph_entry(), trace_functions_graph.c",
    change: "function events show their arguments (func-args, funcgraph-args)",
    set: { functionArgs: true },
  },
  {
    since: "6.15.0",
    evidence: "placed",
    source: "trace_adjust_address(), kernel/trace/trace.c",
    change: "after KASLR only addresses of the kernel itself are moved, no module's; those in fields too",
    set: { adjustsAddresses: true },
  },
  {
    since: "6.19.0",
    evidence: "placed",
    source: "print_graph_function(), kernel/trace/trace_functions_graph.c",
    change: "function graph events in an instance have no CPU and duration columns",
    set: { graphColumns: false },
  },
  {
    since: "6.19.0",
    evidence: "observed",
    source: "struct ftrace_graph_ent, include/linux/ftrace.h; format files of 6.18.15 and 6.19.14",
    change: "a function graph event's depth is an unsigned long",
    set: { graphDepthLong: true },
  },
  {
    since: "6.19.0",
    evidence: "placed",
    source: "is_syscall_event(), kernel/trace/trace.c",
    change: "system calls keep their format after KASLR",
    set: { syscallsKeepFormat: true },
  },
  {
    since: "6.19.0",
    evidence: "placed",
    source: "trace_hwlat_print(), kernel/trace/trace_output.c",
    change: "the time stamp of hwlat events is printed without a sign",
    set: { unsignedTimes: true },
  },
  {
    since: "7.1.0",
    evidence: "observed",
    source: "print_function_args(), kernel/trace/trace_output.c; 7.0.13 prints none, 7.1.13 does",
    change: "an argument of a function that is an enum is told by name, too: `mode=0 [HRTIMER_MODE_ABS]`",
    set: { argumentEnums: true },
  },
  {
    since: "7.2.0",
    evidence: "read",
    source: "rb_inc_iter(), rb_iter_peek(), kernel/trace/ring_buffer.c",
    change:
      "a page marked as having missed events gives `CPU:n [LOST EVENTS]`; up to 7.1 the iterator is silent, and gives up after three steps without an event",
    set: { pageLost: true, maxSteps: "pages" },
  },
];

/** How a release writes its `trace` file. */
export function traceFileBehaviour(release: Release): TraceFileBehaviour {
  return behaviourAt(BASE, TRACE_FILE_CHANGES, release);
}

/** The same of a kernel that is known by its release, or else by the layout that it wrote: the newest that writes so. */
export function traceFileBehaviourOf(release: string | undefined, { since, until }: Layout): TraceFileBehaviour {
  const named = parseRelease(release ?? "");
  const rules = traceFileBehaviour(named ?? parseRelease(until === undefined ? NEWEST_KNOWN : since)!);
  // PREEMPT_RT's patches to 6.12 have what 6.13 took over: 6.12.117+deb13-rt-amd64 was seen to print so.
  return isRealtime(release ?? "") ? { ...rules, lazyResched: true } : rules;
}
