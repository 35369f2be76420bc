import { UsageError } from "../../ground/errors.js";
import type { TraceEvent } from "../event.js";
import type { FilterExpr, Predicate } from "./filter-parse.js";
import { globMatcher } from "./glob.js";

/** A field as a filter sees it: how to read it from an event. */
export type FilterField =
  | {
      readonly kind: "number";
      readonly signed: boolean;
      readonly size: number;
      get(event: TraceEvent): number | bigint;
    }
  | { readonly kind: "string"; get(event: TraceEvent): string }
  | { readonly kind: "cpus"; get(event: TraceEvent): ReadonlySet<number> };

export interface FilterScope {
  /** The event's field, or one of the common ones; undefined when it has no such field. */
  field(name: string): FilterField | undefined;
  /** The first and last address of a function of this name. */
  functionRange(name: string): { readonly start: bigint; readonly end: bigint } | undefined;
}

export type FilterTest = (event: TraceEvent) => boolean;

/**
 * Compiles a filter for one kind of event. Undefined when the event lacks a field that the filter names: as in the
 * kernel, such an event cannot carry the filter, and is not shown.
 */
export function compileFilter(e: FilterExpr, scope: FilterScope): FilterTest | undefined {
  switch (e.kind) {
    case "not": {
      const inner = compileFilter(e.e, scope);
      return inner && ((event) => !inner(event));
    }
    case "and": {
      const a = compileFilter(e.a, scope);
      const b = compileFilter(e.b, scope);
      return a && b && ((event) => a(event) && b(event));
    }
    case "or": {
      const a = compileFilter(e.a, scope);
      const b = compileFilter(e.b, scope);
      return a && b && ((event) => a(event) || b(event));
    }
    case "pred": {
      const field = scope.field(e.field);
      return field && compilePredicate(e, field, scope);
    }
  }
}

/** The same; of a kind of event whose fields are not such as the filter compares, what is wrong. */
export function compileOrError(e: FilterExpr, scope: FilterScope): FilterTest | UsageError | undefined {
  try {
    return compileFilter(e, scope);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

function compilePredicate(e: Predicate, field: FilterField, scope: FilterScope): FilterTest {
  if (e.modifier === "ustring")
    throw new UsageError(`${e.field}.ustring reads the memory of a process, which an image does not hold`, "filter");
  if (e.value.kind === "cpus") return cpusTest(e, field, e.value.cpus);
  if (field.kind === "cpus") throw new UsageError(`${e.field} is a CPU mask; compare it with CPUS{0,2-3}`, "filter");
  if (field.kind === "string") return stringTest(e, field);
  if (e.modifier === "function") return functionTest(e, field, scope);
  if (e.value.kind === "string")
    throw new UsageError(`${e.field} is a number; ${JSON.stringify(e.value.text)} is not`, "filter");
  return numberTest(e, field, e.value.value);
}

function stringTest(e: Predicate, field: FilterField & { kind: "string" }): FilterTest {
  if (e.value.kind === "cpus") throw new UsageError(`${e.field} is a string`, "filter");
  const wanted = e.value.text;
  switch (e.op) {
    case "==":
      return (event) => field.get(event) === wanted;
    case "!=":
      return (event) => field.get(event) !== wanted;
    case "~": {
      const matches = globMatcher(wanted);
      return (event) => matches(field.get(event));
    }
    default:
      throw new UsageError(`${e.field} is a string: == != and ~ compare it, ${e.op} does not`, "filter");
  }
}

function functionTest(e: Predicate, field: FilterField & { kind: "number" }, scope: FilterScope): FilterTest {
  if (e.op !== "==" && e.op !== "!=") throw new UsageError(`${e.field}.function takes == and != only`, "filter");
  if (e.value.kind === "cpus") throw new UsageError(`${e.field}.function is compared with a function's name`, "filter");
  const name = e.value.text;
  const range = scope.functionRange(name);
  if (range === undefined) throw new UsageError(`no function ${name} in kallsyms`, "filter");
  const inside = e.op === "==";
  return (event) => {
    const address = BigInt.asUintN(64, BigInt(field.get(event)));
    return (address >= range.start && address < range.end) === inside;
  };
}

function numberTest(e: Predicate, field: FilterField & { kind: "number" }, value: bigint): FilterTest {
  const wanted = field.signed ? BigInt.asIntN(field.size * 8, value) : BigInt.asUintN(field.size * 8, value);
  // Mixed comparisons of number and bigint are exact in JavaScript; only & needs one kind.
  const w: number | bigint = field.size <= 4 ? Number(wanted) : wanted;
  switch (e.op) {
    case "==":
      // biome-ignore lint/suspicious/noDoubleEquals: a number may equal a bigint
      return (event) => field.get(event) == w;
    case "!=":
      // biome-ignore lint/suspicious/noDoubleEquals: as above
      return (event) => field.get(event) != w;
    case "<":
      return (event) => field.get(event) < w;
    case "<=":
      return (event) => field.get(event) <= w;
    case ">":
      return (event) => field.get(event) > w;
    case ">=":
      return (event) => field.get(event) >= w;
    case "&":
      return (event) => (BigInt(field.get(event)) & wanted) !== 0n;
    case "~":
      throw new UsageError(`${e.field} is a number: ~ compares strings`, "filter");
  }
}

/** A CPU mask, or a CPU's number, against CPUS{...}. */
function cpusTest(e: Predicate, field: FilterField, cpus: ReadonlySet<number>): FilterTest {
  if (field.kind === "string") throw new UsageError(`${e.field} is a string, not a CPU mask`, "filter");
  const get: (event: TraceEvent) => ReadonlySet<number> =
    field.kind === "cpus" ? (event) => field.get(event) : (event) => new Set([Number(field.get(event))]);
  switch (e.op) {
    case "&":
      return (event) => [...get(event)].some((cpu) => cpus.has(cpu));
    case "==":
      return (event) => same(get(event), cpus);
    case "!=":
      return (event) => !same(get(event), cpus);
    default:
      throw new UsageError(`CPUS{} takes == != and &, not ${e.op}`, "filter");
  }
}

function same(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  return a.size === b.size && [...a].every((cpu) => b.has(cpu));
}
