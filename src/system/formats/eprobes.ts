/**
 * The eprobes of dynamic_events, `system/name`, each with the event that it is on: lines
 * `e:SYSTEM/NAME SYSTEM.EVENT ARGUMENTS` (eprobe_dyn_event_show(), kernel/trace/trace_eprobe.c).
 */
export function parseEprobes(dynamicEvents: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, event] of dynamicEvents.matchAll(/^e:(\S+\/\S+) ([^\s.]+\.\S+)/gm)) found.set(name!, event!);
  return found;
}
