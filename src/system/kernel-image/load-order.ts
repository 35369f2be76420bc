import type { KernelEvent } from "./event.js";
import type { NumberedEvent } from "./kernel-image.js";
import type { KernelModule } from "./module.js";

/**
 * In which order modules were loaded, which is the order of their events' numbers. The scratch area lists modules as
 * they come, but those that are there when tracing into the buffer begins are entered at that moment, newest first
 * (save_mod(), kernel/trace/trace.c): the first k of n entries stand in reverse, and k is not told.
 */
export interface LoadOrder {
  /** Oldest first. */
  readonly names: readonly string[];
  /** k, for one that comes from the scratch area. */
  readonly listedAtOnce: number;
}

/** What the image says of records of one event: their number, and data sizes with how often each occurs. */
export type RecordSizes = ReadonlyMap<number, ReadonlyMap<number, number>>;

export function candidateOrders(scratch: readonly string[]): LoadOrder[] {
  const orders: LoadOrder[] = [];
  for (let k = 0; k <= scratch.length; k++) {
    // Of none or one, the order is the same.
    if (k === 1) continue;
    orders.push({ names: [...scratch.slice(0, k).reverse(), ...scratch.slice(k)], listedAtOnce: k });
  }
  return orders;
}

/** Places in an order where a module comes before one that it needs. */
function brokenDependencies(order: LoadOrder, modules: ReadonlyMap<string, KernelModule>): number {
  const place = new Map(order.names.map((name, i) => [name, i]));
  let broken = 0;
  for (const [name, at] of place)
    for (const needed of modules.get(name)?.depends ?? []) if ((place.get(needed) ?? -1) > at) broken++;
  return broken;
}

/** The modules' events, numbered in an order from the first free number on. */
export function numberEvents(
  order: readonly string[],
  modules: ReadonlyMap<string, KernelModule>,
  firstId: number,
): NumberedEvent[] {
  const out: NumberedEvent[] = [];
  let id = firstId;
  for (const name of order) for (const event of modules.get(name)?.events ?? []) out.push({ id: id++, event });
  return out;
}

/** Records whose size the event of their number cannot have. */
export function misfits(events: readonly NumberedEvent[], sizes: RecordSizes): number {
  let count = 0;
  for (const { id, event } of events)
    for (const [size, records] of sizes.get(id) ?? []) if (!sizeFits(event, size)) count += records;
  return count;
}

/** The largest alignment that a struct's end is padded to. */
const MAX_PADDING = 8;

/** Whether a record's data (without its common fields' type, with all fields) can be this event's. */
export function sizeFits({ fields }: KernelEvent, size: number): boolean {
  const end = fields.reduce((last, field) => Math.max(last, field.offset + field.size), MIN_EVENT);
  const dynamic = fields.some(
    ({ type }) => /^__(?:data|rel)_loc/.test(type) || (type.includes("[]") && !type.includes("_loc")),
  );
  return size >= end && (dynamic || size < end + MAX_PADDING);
}

/** struct trace_entry. */
const MIN_EVENT = 8;

/** The order that dependencies and record sizes leave: the best, and how many are as good. */
export function bestOrder(
  scratch: readonly string[],
  modules: ReadonlyMap<string, KernelModule>,
  firstId: number,
  sizes: RecordSizes,
): { readonly order: LoadOrder; readonly misfits: number; readonly equals: readonly LoadOrder[] } {
  const scored = candidateOrders(scratch).map((order) => ({
    order,
    broken: brokenDependencies(order, modules),
    misfits: misfits(numberEvents(order.names, modules, firstId), sizes),
  }));
  scored.sort((a, b) => a.broken - b.broken || a.misfits - b.misfits || b.order.listedAtOnce - a.order.listedAtOnce);
  const best = scored[0]!;
  const equals = scored.filter(({ broken, misfits }) => broken === best.broken && misfits === best.misfits);
  return { order: best.order, misfits: best.misfits, equals: equals.map(({ order }) => order) };
}
