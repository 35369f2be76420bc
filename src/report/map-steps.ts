import { META_FIELD_SINCE, META_FIELDS, type MetaValues, TRACE_BUFFER_META } from "../ring/trace-buffer-meta.js";
import type { Flush } from "../user/coherence.js";
import type { Step } from "../user/steps.js";

/** The user meta page, field by field. */
export function metaReport(meta: MetaValues) {
  return META_FIELDS.map((name) => ({
    name,
    value: TRACE_BUFFER_META.fields[name].type === "u32" ? Number(meta[name]) : meta[name].toString(),
    since: META_FIELD_SINCE[name] ?? null,
    about: TRACE_BUFFER_META.fields[name].about,
  }));
}

/** What is flushed for the other side to see it. */
export function flushReport({ piece, call, mapOffset, length, index }: Flush) {
  return { piece, call, mapOffset, length, userId: index ?? null };
}

/** One GET_READER. */
export function stepReport(step: Step, number: number) {
  return {
    step: number,
    readerId: step.readerId,
    swaps: step.swaps.map((swap) => ({ ...swap })),
    from: step.from,
    to: step.to,
    events: step.events,
    firstTime: step.firstTime?.toString() ?? null,
    lastTime: step.lastTime?.toString() ?? null,
    lostEvents: step.lostEvents,
    missedStored: step.missedStoredAt !== undefined,
    empty: step.empty,
    meta: metaReport(step.meta),
    flushes: step.flushes.map(flushReport),
    warnings: [...step.warnings],
    list: step.list?.map(({ mapOffset, time, length }) => ({ mapOffset, time: time.toString(), length })) ?? null,
  };
}
