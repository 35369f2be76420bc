import type { EventField, EventFormat } from "../../system/formats/parse-format.js";
import type { TraceEvent } from "../event.js";
import { dynamicPlace, isTexts } from "../field-access.js";
import { type FieldPlan, fieldPlans } from "../fields.js";
import type { TaskNames } from "../names.js";
import type { FilterField, FilterScope } from "./filter.js";

/** What the words of a filter mean in a trace. */
export interface Vocabulary {
  readonly littleEndian: boolean;
  readonly longSize: 4 | 8;
  readonly names: TaskNames;
  functionRange(name: string): { readonly start: bigint; readonly end: bigint } | undefined;
}

const COMMON: Readonly<Record<string, FilterField>> = {
  common_type: { kind: "number", signed: false, size: 2, get: (event) => event.type },
  common_flags: { kind: "number", signed: false, size: 1, get: (event) => event.flags },
  common_preempt_count: { kind: "number", signed: false, size: 1, get: (event) => event.preemptCount },
  common_pid: { kind: "number", signed: true, size: 4, get: (event) => event.pid },
};
const CPU: FilterField = { kind: "number", signed: false, size: 4, get: (event) => event.cpu };

/** What every event has beside its own fields, if it is a number. */
export function commonNumber(name: string): FilterField | undefined {
  if (name === "CPU" || name === "cpu") return CPU;
  return Object.hasOwn(COMMON, name) ? COMMON[name] : undefined;
}

/** Whether a filter may name it for every kind of event. */
export function isCommonField(name: string): boolean {
  return commonNumber(name) !== undefined || name === "COMM" || name === "comm";
}

/**
 * The fields that a filter may name for one kind of event: its own, then the generic ones CPU, cpu, COMM and comm,
 * then the common ones (trace_find_event_field(), kernel/trace/trace_events.c).
 */
export function filterScope(format: EventFormat | undefined, words: Vocabulary): FilterScope {
  return {
    functionRange: words.functionRange,
    field(name) {
      // Of two fields of one name the kernel finds the one declared last (__trace_define_field() adds to the front).
      const own = format && fieldPlans(format, words.littleEndian).findLast((plan) => plan.name === name);
      if (own !== undefined) return filterField(own, words);
      if (name === "COMM" || name === "comm")
        return { kind: "string", get: (event) => words.names.at(event.pid, event.position) };
      return commonNumber(name);
    },
  };
}

function filterField(plan: FieldPlan, words: Vocabulary): FilterField | undefined {
  const { field, get, kind, signed, size } = plan;
  if (/cpumask_t/.test(field.type)) return { kind: "cpus", get: (event) => cpuMask(event, field, words) };
  if (field.isString) {
    return {
      kind: "string",
      get: (event) => {
        const value = get(event);
        // Of several strings the kernel takes the first (filter_assign_type(), trace_events_filter.c).
        if (isTexts(value)) return value[0]!;
        return typeof value === "string" ? value : "";
      },
    };
  }
  if (kind !== "number" && kind !== "pointer") return undefined;
  return {
    kind: "number",
    signed,
    size,
    get: (event) => {
      const value = get(event);
      return typeof value === "number" || typeof value === "bigint" ? value : 0;
    },
  };
}

function cpuMask(event: TraceEvent, field: EventField, { littleEndian, longSize }: Vocabulary): ReadonlySet<number> {
  const cpus = new Set<number>();
  const place =
    field.shape === "data_loc" || field.shape === "rel_loc"
      ? dynamicPlace(event, field, littleEndian)
      : { start: field.offset, end: Math.min(field.offset + field.size, event.dataSize) };
  if (place === undefined) return cpus;
  for (let at = place.start; at < place.end; at++) {
    const byte = event.view.getUint8(event.data + at);
    const index = at - place.start;
    const inLong = index % longSize;
    const first = (index - inLong + (littleEndian ? inLong : longSize - 1 - inLong)) * 8;
    for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) cpus.add(first + bit);
  }
  return cpus;
}
