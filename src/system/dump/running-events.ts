import { MAX_KERNEL_EVENTS } from "../../ground/limits.js";
import type { Btf } from "../btf.js";
import { namesOf } from "../kernel-image/event.js";
import { eventLayoutOfTypes } from "../kernel-image/event-types.js";
import { describedEvents, type NumberedEvent } from "../kernel-image/kernel-image.js";
import type { KernelMemory } from "../kernel-image/memory.js";
import type { ImageSymbols } from "../kernel-image/symbols.js";
import type { AddressSpace } from "./address-space.js";
import { listed } from "./list.js";

/** A kernel that runs: its data and symbols, and all of its addresses. */
export interface RunningData {
  readonly space: AddressSpace;
  readonly memory: KernelMemory;
  readonly symbols: ImageSymbols;
  readonly types: Btf;
  readonly machine: string;
}

/**
 * The kernel's own events with the numbers that they had: ftrace_events lists their descriptions
 * (kernel/trace/trace_events.c), whose enums the boot has put into their print formats already. Modules' lie elsewhere.
 */
export function runningEvents({ space, memory, symbols, types, machine }: RunningData): NumberedEvent[] {
  const layout = eventLayoutOfTypes(types, memory.word);
  const head = symbols.addressOf("ftrace_events");
  if (layout === undefined || head === undefined) return [];
  const places: number[] = [];
  let left = MAX_KERNEL_EVENTS;
  // struct trace_event_call begins with its list.
  for (const call of listed(space, head)) {
    if (--left < 0) break;
    const place = memory.placeOf(call);
    if (place >= 0) places.push(place);
  }
  const calls = places.flatMap((place) => namesOf(memory, layout, place) ?? []);
  return describedEvents({ memory, symbols, machine, layout, maps: new Map() }, calls).flatMap(({ names, event }) =>
    names.fixedId === 0 || event.printFmt === "" ? [] : [{ id: names.fixedId, event }],
  );
}
