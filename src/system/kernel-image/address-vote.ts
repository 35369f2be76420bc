import type { Abi } from "../../ground/abi.js";

/** Events that every kernel has; their names are pointed at by their descriptions. */
const NAMES = [
  "sched_switch",
  "sched_waking",
  "sched_wakeup",
  "sched_wakeup_new",
  "sched_migrate_task",
  "sched_process_free",
  "sched_process_exit",
  "sched_process_fork",
  "sched_process_exec",
  "signal_generate",
  "signal_deliver",
  "timer_init",
  "timer_start",
  "timer_cancel",
  "timer_expire_entry",
  "timer_expire_exit",
  "hrtimer_start",
  "hrtimer_cancel",
  "hrtimer_expire_entry",
  "irq_handler_entry",
  "irq_handler_exit",
  "softirq_entry",
  "softirq_exit",
  "softirq_raise",
  "workqueue_queue_work",
  "workqueue_execute_start",
  "task_newtask",
  "task_rename",
  "console",
  "kmalloc",
  "kfree",
  "mm_page_alloc",
  "mm_page_free",
];

const PAGE_MASK = 0xfff;
/** Candidates that are looked at: the true one is among the first few. */
const KEPT = 8;

/**
 * The address of a flat image's first byte, by vote: pointers to the names of events, less where those names lie. The
 * best first; whoever asks tries whether event descriptions can be followed.
 */
export function voteForAddress(bytes: Uint8Array, abi: Abi): bigint[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // By the low 12 bits, which a base does not change: names and where they lie.
  const byLow: (number[] | undefined)[] = new Array<number[] | undefined>(PAGE_MASK + 1);
  for (const name of NAMES) {
    const pattern = Buffer.from(`\0${name}\0`, "latin1");
    for (let at = buffer.indexOf(pattern); at >= 0; at = buffer.indexOf(pattern, at + 1)) {
      const place = at + 1;
      const list = byLow[place & PAGE_MASK];
      if (list === undefined) byLow[place & PAGE_MASK] = [place];
      else list.push(place);
    }
  }
  const { littleEndian, longSize } = abi;
  const votes = new Map<bigint, Set<number>>();
  const low = littleEndian || longSize === 4 ? 0 : 4;
  for (let at = 0; at + longSize <= bytes.length; at += longSize) {
    const lo = view.getUint32(at + low, littleEndian);
    const places = byLow[lo & PAGE_MASK];
    if (places === undefined) continue;
    const hi = longSize === 8 ? view.getUint32(at + 4 - low, littleEndian) : 0;
    if (hi === 0 && lo < 4096) continue;
    const word = (BigInt(hi) << 32n) | BigInt(lo);
    for (const place of places) {
      const base = word - BigInt(place);
      if (base < 0n) continue;
      const names = votes.get(base);
      if (names === undefined) votes.set(base, new Set([place]));
      else names.add(place);
    }
  }
  return [...votes]
    .sort(([, a], [, b]) => b.size - a.size)
    .slice(0, KEPT)
    .map(([base]) => base);
}
