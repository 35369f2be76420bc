import { UsageError } from "../../ground/errors.js";
import { nearest } from "../../ground/nearest.js";
import type { EventFormat } from "../../system/formats/parse-format.js";
import type { TaskNames } from "../names.js";
import type { EventStream } from "../stream.js";
import { compileOrError } from "./filter.js";
import type { FilterExpr } from "./filter-parse.js";
import { globMatcher } from "./glob.js";
import { bareFunction, type GraphCallOf } from "./graph.js";
import { commonNumber, filterScope, isCommonField, type Vocabulary } from "./scope.js";
import type { EventTest } from "./test.js";

/** Names that are nowhere match nothing: who asks for one is told, and of which it may be a slip. */

export interface KnownNames {
  readonly formats: ReadonlyMap<number, EventFormat>;
  /** ftrace's own events. */
  readonly builtin: readonly string[];
}

const meant = (near: string | undefined): string => (near === undefined ? "" : ` (did you mean ${near}?)`);

/** Throws UsageError for a glob that no event's name matches, whether it occurs or not. */
export function checkEventNames(globs: readonly string[], { formats, builtin }: KnownNames): void {
  const events: EventName[] = [...formats.values(), ...builtin.map((name) => ({ system: "ftrace", name }))];
  for (const glob of globs) {
    // A type by its number, as the text shows one that no format tells.
    if (/^\d+$/.test(glob)) continue;
    const matches = globMatcher(glob);
    if (events.some(({ system, name }) => matches(name) || matches(system) || matches(`${system}:${name}`))) continue;
    const near = meantGlob(glob, events);
    const why = formats.size > 0 || near ? meant(near) : ": without event formats only ftrace's own have names";
    throw new UsageError(`no event is called ${glob}${why}`, "event");
  }
}

type EventName = Pick<EventFormat, "system" | "name">;

/** What a glob that matches nothing was most likely meant to be. */
function meantGlob(glob: string, events: readonly EventName[]): string | undefined {
  const [system, name] = glob.includes(":") ? (glob.split(":", 2) as [string, string]) : [undefined, glob];
  const systems = new Set(events.map((event) => event.system));
  if (system === undefined) return meantName(name, new Set([...events.map((event) => event.name), ...systems]));
  const inSystem = events.filter((event) => globMatcher(system)(event.system));
  const near = inSystem.length === 0 ? nearest(system, systems) : system;
  const pool = inSystem.length === 0 ? events.filter((event) => event.system === near) : inSystem;
  const names = pool.map((event) => event.name);
  const right = names.some(globMatcher(name)) ? name : meantName(name, new Set(names));
  return near === undefined || right === undefined ? undefined : `${near}:${right}`;
}

/** The nearest name; of a glob, the same with the nearest part of a name between its stars. */
function meantName(glob: string, names: ReadonlySet<string>): string | undefined {
  const near = nearest(glob, names);
  const part = glob.split(/[*?]|\[[^\]]*\]/).reduce((longest, each) => (each.length > longest.length ? each : longest));
  if (near !== undefined || part === glob || part.length < 3) return near;
  const parts = new Set<string>();
  const [begins, ends] = [glob.startsWith(part), glob.endsWith(part)];
  // A slip may have put a letter in, or left one out.
  for (const name of names)
    for (const length of [part.length, part.length - 1, part.length + 1]) {
      const last = begins ? 0 : name.length - length;
      for (let at = ends ? name.length - length : 0; at <= last; at++) parts.add(name.slice(at, at + length));
    }
  const mended = nearest(part, parts);
  return mended === undefined ? undefined : glob.replace(part, () => mended);
}

/** Throws UsageError for a filter that no event can carry of those that are asked for; the kernel answers EINVAL. */
export function checkFilter(
  filter: FilterExpr,
  globs: readonly string[] | undefined,
  { formats }: KnownNames,
  words: Vocabulary,
): void {
  const matchers = globs?.map(globMatcher);
  const asked = [...formats.values()].filter(({ id, system, name }) =>
    matchers?.some((matches) => [String(id), name, system, `${system}:${name}`].some(matches)),
  );
  const chosen = asked.length > 0 ? asked : [...formats.values()];
  const names = new Set(chosen.flatMap(({ fields }) => fields.map(({ name }) => name)));
  const fields = [...new Set(fieldsOf(filter))].filter((field) => !isCommonField(field));
  const who =
    asked.length === 1 ? `${asked[0]!.name} has no` : asked.length > 0 ? "none of these events has" : "no event has";
  for (const field of fields) {
    if (names.has(field)) continue;
    const why = formats.size === 0 ? ": without event formats no fields are known" : meant(nearest(field, names));
    throw new UsageError(`${who}${asked.length === 1 ? "" : " a"} field ${field}${why}`, "filter");
  }
  let wrong: UsageError | undefined;
  // Without formats there are ftrace's own events, which have the common fields.
  for (const format of chosen.length > 0 ? chosen : [undefined]) {
    const test = compileOrError(filter, filterScope(format, words));
    if (typeof test === "function") return;
    wrong ??= test;
  }
  throw wrong ?? new UsageError(`${who.replace(/ no$/, " not")} all of the fields ${fields.join(", ")}`, "filter");
}

function fieldsOf(filter: FilterExpr): string[] {
  switch (filter.kind) {
    case "pred":
      return [filter.field];
    case "not":
      return fieldsOf(filter.e);
    default:
      return [...fieldsOf(filter.a), ...fieldsOf(filter.b)];
  }
}

/** Throws UsageError for a field that no event matching the glob has. */
export function checkEventField(glob: string, field: string, { formats }: KnownNames): void {
  if (commonNumber(field) !== undefined) return;
  const matches = globMatcher(glob);
  const matching = [...formats.values()].filter(
    ({ system, name }) => matches(name) || matches(system) || matches(`${system}:${name}`),
  );
  const names = matching.flatMap(({ fields }) => fields.map(({ name }) => name));
  if (!names.includes(field))
    throw new UsageError(`${glob} has no field ${field}${meant(nearest(field, new Set(names)))}`, "key");
}

/** Throws UsageError for tasks that no event of the trace is of; returns what is to be said of some among others. */
export function checkTasks(
  {
    pids = new Set<number>(),
    comms = [],
  }: { readonly pids?: ReadonlySet<number> | undefined; readonly comms?: readonly string[] | undefined },
  events: EventStream,
  names: TaskNames,
): string[] {
  const missing = new Set(pids);
  const unmatched = new Map(comms.map((glob) => [glob, globMatcher(glob)]));
  const seenPids = new Set<number>();
  const seenNames = new Set<string>();
  for (let event = events.next(); event !== undefined; event = events.next()) {
    if (missing.size + unmatched.size === 0) return [];
    seenPids.add(event.pid);
    missing.delete(event.pid);
    if (unmatched.size === 0) continue;
    const name = names.at(event.pid, event.position);
    if (seenNames.has(name)) continue;
    seenNames.add(name);
    for (const [glob, matches] of unmatched) if (matches(name)) unmatched.delete(glob);
  }
  if (seenPids.size === 0) return [];
  const missed = missing.size === 0 ? undefined : `no event belongs to task ${[...missing].join(" or ")}`;
  if (missed !== undefined && pids.size === missing.size)
    throw new UsageError(`${missed}: ${tasksText(seenPids)}`, "pid");
  const strangers = [...unmatched.keys()].map(
    (glob) => `no event belongs to a task called ${glob}${meant(nearest(glob, seenNames))}`,
  );
  if (strangers.length > 0 && comms.length === unmatched.size) throw new UsageError(strangers[0]!, "comm");
  return missed === undefined ? strangers : [missed, ...strangers];
}

/** Throws UsageError for a task of which no event is, and which none names. */
export function checkFollowed(pid: number, events: EventStream, isAbout: EventTest): void {
  const seen = new Set<number>();
  for (let event = events.next(); event !== undefined; event = events.next()) {
    if (isAbout(event, event.type)) return;
    seen.add(event.pid);
  }
  if (seen.size === 0) return;
  throw new UsageError(`no event belongs to task ${pid} or names it: ${tasksText(seen)}`, "follow");
}

const tasksText = ({ size }: ReadonlySet<number>): string =>
  size === 1 ? "there is 1 task" : `there are ${size} tasks`;

/** Throws UsageError for functions that the trace has no call of; returns what is to be said of some among others. */
export function checkFunctions(
  globs: readonly string[],
  events: EventStream,
  graphCall: GraphCallOf,
  haveNames: boolean,
): string[] {
  const unmatched = new Map(globs.map((glob) => [glob, globMatcher(glob)]));
  const called = new Set<string>();
  let any = false;
  for (let event = events.next(); event !== undefined && unmatched.size > 0; event = events.next()) {
    any = true;
    const call = graphCall(event, event.type);
    if (call === undefined) continue;
    const name = bareFunction(call);
    if (called.has(name)) continue;
    called.add(name);
    for (const [glob, matches] of unmatched) if (matches(name)) unmatched.delete(glob);
  }
  if (!any || unmatched.size === 0) return [];
  if (called.size === 0)
    throw new UsageError(
      "no event is of the function graph, which alone tells what happens inside a function",
      "function",
    );
  const why = (glob: string): string =>
    haveNames ? meant(nearest(glob, called)) : ": without symbols functions have addresses only";
  const strangers = [...unmatched.keys()].map((glob) => `the trace has no call of ${glob}${why(glob)}`);
  if (unmatched.size === globs.length) throw new UsageError(strangers[0]!, "function");
  return strangers;
}
