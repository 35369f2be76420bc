import type { PagesSpec } from "../events/image-pages.js";
import type { PlaceSpec } from "../events/select/places.js";
import type { ChoiceSpec } from "../events/select/spec.js";
import type { GraphOptions } from "../text/graph-options.js";
import type { ReadingKernel } from "../text/reading-kernel.js";
import type { TraceOptions } from "../text/trace-options.js";

/** What is wanted of a trace. Plain data: a worker thread can be given it, and a report can hold it. */
export interface TraceSpec extends ChoiceSpec, PlaceSpec, PagesSpec {
  /** As this kernel prints the recovered instance; undefined shows all that the image holds. */
  readonly asKernel?: ReadingKernel | undefined;
  readonly cpus?: readonly number[] | undefined;
  readonly graph?: GraphOptions | undefined;
  /** A time of the trace and the date that it was then, `14.247246=2026-11-25T10:00:00Z`: times are dates. */
  readonly wall?: string | undefined;
  /** Nine digits of seconds in place of six. */
  readonly nanoseconds?: boolean | undefined;
  /** The instance's options. */
  readonly traceOptions?: TraceOptions | undefined;
  /** Where names of tasks come from; both without this. */
  readonly names?: "saved" | "events" | "both" | "none" | undefined;
}

export function isChosen({ cpus }: TraceSpec, cpu: number): boolean {
  return cpus?.includes(cpu) ?? true;
}
