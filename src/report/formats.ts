import type { Fit } from "../derive/fit.js";
import { fitReport } from "../derive/fit-report.js";
import type { CompiledFormats } from "../print/compiled-formats.js";
import type { TraceContext } from "../system/context.js";

/** One event of a set of formats. */
interface FormatReport {
  readonly system: string;
  readonly name: string;
  readonly id: number;
  /** Why its print format is not used: it is printed field by field. */
  readonly fallback?: string;
  /** Conversions of its print format that cannot be told. */
  readonly markers?: readonly string[];
  /** Why, in the same order. */
  readonly reasons?: readonly string[];
}

export type FormatsReport = ReturnType<typeof formatsReport>;

/** The report of `formats`, as its JSON document (schemas/formats.json). */
export function formatsReport(path: string, context: TraceContext, compiled: CompiledFormats, fit: Fit | undefined) {
  const formats: FormatReport[] = [];
  for (const { system, name, id } of context.formats.formats()) {
    const event = compiled.event(id)!;
    const { failure, markers } = event;
    formats.push({
      system,
      name,
      id,
      ...(failure === undefined ? {} : { fallback: failure }),
      ...(markers.length === 0
        ? {}
        : {
            markers: markers.map(({ conversion }) => conversion),
            reasons: markers.map(({ reason }) => reason),
          }),
    });
  }
  return {
    schema: "rbtool/formats/1" as const,
    path,
    release: context.release ?? null,
    has: {
      symbols: context.symbols !== undefined,
      strings: context.printkFormats !== undefined,
      types: context.types?.kernel !== undefined,
      modules: context.modules.map(({ name }) => name),
    },
    total: formats.length,
    fallbacks: formats.filter(({ fallback }) => fallback !== undefined).length,
    marked: formats.filter(({ markers }) => markers !== undefined).length,
    formats,
    problems: context.formats.problems.map(({ event, message }) => ({ file: event, message })),
    fit: fit === undefined ? null : fitReport(fit, new Map([...context.formats.formats()].map((f) => [f.id, f]))),
  };
}
