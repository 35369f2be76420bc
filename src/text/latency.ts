import { Texts16 } from "./texts-16.js";

/**
 * The five characters of irqs-off, need-resched, hardirq/softirq, preempt-depth and migrate-disable
 * (trace_print_lat_fmt(), kernel/trace/trace_output.c 6.12 to 7.3).
 */

/** enum trace_flag_type (include/linux/trace_events.h). Bit 0x02 is IRQS_NOSUPPORT up to 6.12. */
const TRACE_FLAG = {
  IRQS_OFF: 0x01,
  NEED_RESCHED_LAZY: 0x02,
  NEED_RESCHED: 0x04,
  HARDIRQ: 0x08,
  SOFTIRQ: 0x10,
  PREEMPT_RESCHED: 0x20,
  NMI: 0x40,
  BH_OFF: 0x80,
} as const;

/** need-resched by NEED_RESCHED | NEED_RESCHED_LAZY << 1 | PREEMPT_RESCHED << 2. */
const RESCHED_LAZY = [".", "n", "l", "b", "p", "N", "L", "B"] as const;
const RESCHED_OLD = [".", "n", ".", "n", "p", "N", "p", "N"] as const;

function latencyText(flags: number, preemptCount: number, lazyResched: boolean): string {
  const irqsOff = (flags & TRACE_FLAG.IRQS_OFF) !== 0;
  const bhOff = (flags & TRACE_FLAG.BH_OFF) !== 0;
  let text: string;
  if (irqsOff) text = bhOff ? "D" : "d";
  else if (bhOff) text = "b";
  else text = !lazyResched && flags & TRACE_FLAG.NEED_RESCHED_LAZY ? "X" : ".";

  const resched =
    (flags & TRACE_FLAG.NEED_RESCHED ? 1 : 0) |
    (flags & TRACE_FLAG.NEED_RESCHED_LAZY ? 2 : 0) |
    (flags & TRACE_FLAG.PREEMPT_RESCHED ? 4 : 0);
  text += (lazyResched ? RESCHED_LAZY : RESCHED_OLD)[resched];

  const hard = flags & TRACE_FLAG.HARDIRQ;
  const soft = flags & TRACE_FLAG.SOFTIRQ;
  if (flags & TRACE_FLAG.NMI) text += hard ? "Z" : "z";
  else if (hard) text += soft ? "H" : "h";
  else text += soft ? "s" : ".";

  text += preemptCount & 0xf ? (preemptCount & 0xf).toString(16) : ".";
  text += preemptCount & 0xf0 ? (preemptCount >> 4).toString(16) : ".";
  return text;
}

/** Turns flags and preempt count into text. */
export class LatencyColumn {
  private readonly texts: Texts16;

  constructor(lazyResched: boolean) {
    this.texts = new Texts16((key) => latencyText(key >> 8, key & 0xff, lazyResched));
  }

  text(flags: number, preemptCount: number): string {
    return this.texts.at((flags << 8) | preemptCount);
  }
}
