import type { KernelEvent } from "./event.js";
import type { NumberedEvent } from "./kernel-image.js";
import type { KernelModule } from "./module.js";
import { type RecordSizes, recordFits, type SampledRecord, sizeFits } from "./record-fit.js";

/** A module that comes, or goes. */
export interface LoadStep {
  readonly name: string;
  readonly unload: boolean;
}

/**
 * In which order modules were loaded, which is the order of their events' numbers. The scratch area lists modules as
 * they come, but those that are there when tracing into the buffer begins are entered at that moment, newest first
 * (save_mod(), kernel/trace/trace.c): the first k of n entries stand in reverse, and k is not told.
 */
export interface LoadOrder {
  /** Oldest first. */
  readonly steps: readonly LoadStep[];
  /** k, for one that the scratch area stands for as it is; -1 for another. */
  readonly listedAtOnce: number;
}

/** What an image says of an order: its records, and the modules that events tell of, oldest first. */
export interface OrderEvidence {
  readonly sizes: RecordSizes;
  readonly records: readonly SampledRecord[];
  readonly told: readonly LoadStep[];
}

/** Every order that the entries of a scratch area can stand for. */
export function candidateOrders(scratch: readonly string[]): LoadOrder[] {
  const orders: LoadOrder[] = [];
  for (let k = 0; k <= scratch.length; k++) {
    // Of none or one, the order is the same.
    if (k === 1) continue;
    const names = [...scratch.slice(0, k).reverse(), ...scratch.slice(k)];
    orders.push({ steps: stepsOf(names), listedAtOnce: k });
  }
  return orders;
}

/**
 * Whether the entries of a scratch area may have been sorted: a boot that recovers the area leaves them by address. So many as
 * are loaded in any order stand so by chance once in n! times, which of three is one in six: nothing else in the image tells.
 * Of two, both orders are candidates anyway.
 */
export function mayBeSorted(addresses: readonly bigint[]): boolean {
  return addresses.length > 2 && addresses.every((address, i) => i === 0 || address > addresses[i - 1]!);
}

/** So many orders are each held against the records: all of five modules that need nothing of each other. */
const MAX_ORDERS = 120;
/** Beginnings of orders that are tried for these: what needs itself by others has none. */
const MAX_TRIES = 64 * MAX_ORDERS;

/**
 * All orders in which modules come after what they need; undefined where there are too many to look at, and where a module is
 * missing or named twice.
 */
export function everyOrder(
  names: readonly string[],
  modules: ReadonlyMap<string, KernelModule>,
): LoadOrder[] | undefined {
  const listed = new Set(names);
  if (names.length > MAX_ORDERS || listed.size < names.length || names.some((name) => !modules.has(name)))
    return undefined;
  const needs = new Map(names.map((name) => [name, modules.get(name)!.depends.filter((needed) => listed.has(needed))]));
  const orders: LoadOrder[] = [];
  let tries = MAX_TRIES;
  const follow = (order: readonly string[], left: readonly string[]): boolean => {
    if (--tries < 0) return false;
    if (left.length === 0) return orders.push({ steps: stepsOf(order), listedAtOnce: -1 }) <= MAX_ORDERS;
    return left
      .filter((name) => needs.get(name)!.every((needed) => order.includes(needed)))
      .every((next) =>
        follow(
          [...order, next],
          left.filter((name) => name !== next),
        ),
      );
  };
  return follow([], names) && orders.length > 0 ? orders : undefined;
}

/** A module that is named again was unloaded in between: its entry stays. */
export function stepsOf(names: readonly string[]): LoadStep[] {
  const there = new Set<string>();
  return names.flatMap((name) => {
    const again = there.has(name);
    there.add(name);
    const load = { name, unload: false };
    return again ? [{ name, unload: true }, load] : [load];
  });
}

/** Events of modules with their numbers, and what is not certain of them. */
export interface Numbering {
  readonly events: readonly NumberedEvent[];
  /** Numbers that had more than one meaning. */
  readonly reused: ReadonlySet<number>;
}

/** Replays an order: each event takes the lowest number that is free (trace_event_ida, kernel/trace/trace_output.c). */
export function numberEvents(
  steps: readonly LoadStep[],
  modules: ReadonlyMap<string, KernelModule>,
  firstId: number,
): Numbering {
  const byId = new Map<number, KernelEvent>();
  const reused = new Set<number>();
  const taken = new Map<string, number[]>();
  let free: number[] = [];
  let next = firstId;
  for (const { name, unload } of steps) {
    if (unload) {
      free = [...free, ...(taken.get(name) ?? [])].sort((a, b) => a - b);
      taken.delete(name);
      continue;
    }
    if (taken.has(name)) continue;
    const ids = (modules.get(name)?.events ?? []).map((event) => {
      const id = free.shift() ?? next++;
      const before = byId.get(id);
      if (before !== undefined && before !== event) reused.add(id);
      byId.set(id, event);
      return id;
    });
    taken.set(name, ids);
  }
  return { events: [...byId].map(([id, event]) => ({ id, event })), reused };
}

/** Places in an order where a module comes before one that it needs, or where events tell of another order. */
function contradictions(
  order: LoadOrder,
  modules: ReadonlyMap<string, KernelModule>,
  told: readonly LoadStep[],
): number {
  const place = new Map<string, number>();
  order.steps.forEach(({ name, unload }, i) => {
    if (!unload && !place.has(name)) place.set(name, i);
  });
  let broken = 0;
  for (const [name, at] of place)
    for (const needed of modules.get(name)?.depends ?? []) if ((place.get(needed) ?? -1) > at) broken++;
  // A module that is loaded again has two places.
  const once = told.filter(({ name }, i) => told.findIndex((other) => other.name === name) === i && place.has(name));
  for (let i = 1; i < once.length; i++) if (place.get(once[i - 1]!.name)! > place.get(once[i]!.name)!) broken++;
  return broken;
}

/** Records that cannot be what their number stands for. */
export function misfits(events: readonly NumberedEvent[], { sizes, records }: OrderEvidence): number {
  let count = 0;
  const byId = new Map(events.map(({ id, event }) => [id, event]));
  for (const [id, event] of byId)
    for (const [size, times] of sizes.get(id) ?? []) if (!sizeFits(event, size)) count += times;
  for (const { id, data } of records) {
    const event = byId.get(id);
    if (event !== undefined && sizeFits(event, data.length) && !recordFits(event, data)) count++;
  }
  return count;
}

/** An order, and what speaks against it. */
export interface ScoredOrder extends Numbering {
  readonly order: LoadOrder;
  readonly broken: number;
  readonly misfits: number;
}

/** The order that dependencies, events and records leave: the best, and all that are as good, itself among them. */
export function bestOrder(
  orders: readonly LoadOrder[],
  modules: ReadonlyMap<string, KernelModule>,
  firstId: number,
  evidence: OrderEvidence,
): { readonly best: ScoredOrder; readonly equals: readonly ScoredOrder[] } {
  const scored = orders.map((order): ScoredOrder => {
    const numbering = numberEvents(order.steps, modules, firstId);
    const broken = contradictions(order, modules, evidence.told);
    return { order, ...numbering, broken, misfits: misfits(numbering.events, evidence) };
  });
  scored.sort((a, b) => a.broken - b.broken || a.misfits - b.misfits || b.order.listedAtOnce - a.order.listedAtOnce);
  const best = scored[0]!;
  return { best, equals: scored.filter((one) => one.broken === best.broken && one.misfits === best.misfits) };
}

/** Numbers whose records may be another event's, were the modules loaded in any other order. */
export function unsettled(
  events: readonly NumberedEvent[],
  modules: ReadonlyMap<string, KernelModule>,
  firstId: number,
  evidence: OrderEvidence,
): ReadonlySet<number> {
  const out = new Set<number>();
  const before = new Map([...modules.keys()].map((name) => [name, sumsWithout(name, modules)]));
  for (const { id, event } of events) {
    if (!evidence.sizes.has(id)) continue;
    const other = [...modules].some(([name, module]) =>
      module.events.some(
        (rival, i) =>
          rival !== event &&
          before.get(name)![id - firstId - i] === 1 &&
          misfits([{ id, event: rival }], evidence) === 0,
      ),
    );
    if (other) out.add(id);
  }
  return out;
}

/** How many events there can be before those of a module, of any others together: 1 at each such number. */
function sumsWithout(name: string, modules: ReadonlyMap<string, KernelModule>): Uint8Array {
  const counts = [...modules].flatMap(([other, { events }]) => (other === name ? [] : [events.length]));
  const sums = new Uint8Array(counts.reduce((sum, count) => sum + count, 1));
  sums[0] = 1;
  for (const count of counts)
    if (count > 0) for (let sum = sums.length - 1; sum >= count; sum--) sums[sum]! |= sums[sum - count]!;
  return sums;
}
