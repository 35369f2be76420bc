/** What of a kernel's text output depends on its version. `version` is major * 1000 + minor: 6012 for 6.12. */
export interface TextRules {
  readonly version: number;
  /** TRACE_FLAG 0x02 is IRQS_NOSUPPORT ('X') up to 6.12, NEED_RESCHED_LAZY ('l', 'L', 'b', 'B') since 6.13. */
  readonly lazyResched: boolean;
  /**
   * A function_graph event in an instance whose tracer is nop: up to 6.18 it is printed with the global tracer's
   * flags (CPU, overhead, duration, irqs), since 6.19 with the nop tracer's, which are none
   * (print_graph_function(), kernel/trace/trace_functions_graph.c).
   */
  readonly graphColumns: boolean;
  /** print_graph_retval() writes the call as `func(); / * ... * /`: only for --graph. */
  readonly graphRetvalNew: boolean;
  /** rb_inc_iter() tells of a page marked RB_MISSED_EVENTS since 7.2. */
  readonly pageLost: boolean;
  /** rb_iter_peek() gives up after three steps up to 7.1, after as many as there are pages since 7.2. */
  readonly peekByPages: boolean;
  /** System call events keep their print format after KASLR since 6.19 (is_syscall_event(), kernel/trace/trace.c). */
  readonly syscallsKeepFormat: boolean;
  /** TRACE_GRAPH_RETADDR_ENT moved the types above 11 by one in 6.13 (enum trace_type, kernel/trace/trace.h). */
  readonly retaddrType: boolean;
  /** hwlat's time stamp is printed by %ptSp, which knows no sign, in place of %lld.%09ld (trace_hwlat_print()). */
  readonly unsignedTimes: boolean;
  /** funcgraph_exit's calltime and rettime follow the struct (since 6.13) or are in it: the same bytes. */
  readonly graphDepthLong: boolean;
}

export function textRules(version: number): TextRules {
  return {
    version,
    lazyResched: version >= 6013,
    graphColumns: version < 6019,
    graphRetvalNew: version >= 6013,
    pageLost: version >= 7002,
    peekByPages: version >= 7002,
    syscallsKeepFormat: version >= 6019,
    retaddrType: version >= 6013,
    unsignedTimes: version >= 6019,
    graphDepthLong: version >= 6019,
  };
}

/** The rules of the newest kernel known here, for when no version was given. */
export const NEWEST_RULES = textRules(7003);

/** major * 1000 + minor of a release or version string (`7.3.4+deb13-cloud-amd64`), or undefined. */
export function versionNumber(release: string): number | undefined {
  const match = /^(\d+)\.(\d+)/.exec(release.trim());
  return match ? Number(match[1]) * 1000 + Number(match[2]) : undefined;
}
