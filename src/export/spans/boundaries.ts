import { type EventKinds, kindOf } from "../../derive/kinds.js";

/** Events that do nothing but begin or end something, as system:name. */
const BOUNDARIES: readonly RegExp[] = [
  /^sched:sched_switch$/,
  /^(raw_)?syscalls:sys_(enter|exit)/,
  /^ftrace:(funcgraph_(entry|exit)|fgraph_retaddr_entry)$/,
  /^irq:((irq_handler|softirq|tasklet)_(entry|exit))$/,
  /^timer:(hr)?timer_expire_(entry|exit)$/,
  /^workqueue:workqueue_execute_(start|end)$/,
  /^(irq_vectors|ipi):.+_(entry|exit)$/,
];

/** Whether a span says all that an event of this type does. */
export function isBoundary(type: number, kinds: EventKinds): boolean {
  const kind = kindOf(type, kinds);
  return kind !== undefined && BOUNDARIES.some((boundary) => boundary.test(`${kind.system}:${kind.name}`));
}
