/** What dynamic_events says of an event. */
export interface DynamicEvent {
  /** Of an eprobe, the event that it is on: `system.event`. */
  readonly probed?: string;
  /** Of other probes: it is on a program's place, not the kernel's. */
  readonly inProgram?: boolean;
}

/**
 * The probes of dynamic_events, by `system/name`: lines `e:SYSTEM/NAME SYSTEM.EVENT ARGUMENTS` (eprobe_dyn_event_show(),
 * kernel/trace/trace_eprobe.c, 6.12 to 7.3), and `p:SYSTEM/NAME PLACE ARGUMENTS` and the like of others, where a
 * program's place is `PATH:0xOFFSET` (trace_uprobe_show(), trace_uprobe.c).
 */
export function parseDynamicEvents(text: string): Map<string, DynamicEvent> {
  const found = new Map<string, DynamicEvent>();
  for (const [, kind, name, place] of text.matchAll(/^([eprft])\d*:(\S+\/\S+) (\S+)/gm)) {
    if (kind !== "e") found.set(name!, { inProgram: /:0x[0-9a-f]+(?:\(.*)?$/.test(place!) });
    else if (/^[^.]+\.\S+$/.test(place!)) found.set(name!, { probed: place! });
  }
  return found;
}
