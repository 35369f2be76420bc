import { UsageError } from "../../ground/errors.js";
import { nearest } from "../../ground/nearest.js";
import type { EventFormat } from "../../system/formats/parse-format.js";
import type { TaskNames } from "../names.js";
import type { EventStream } from "../stream.js";
import type { FilterExpr } from "./filter-parse.js";
import { globMatcher } from "./glob.js";
import { isCommonField } from "./scope.js";

/** Names that are nowhere match nothing: who asks for one is told, and of which it may be a slip. */

export interface KnownNames {
  readonly formats: ReadonlyMap<number, EventFormat>;
  /** ftrace's own events. */
  readonly builtin: readonly string[];
}

const meant = (near: string | undefined): string => (near === undefined ? "" : ` (did you mean ${near}?)`);

/** Throws UsageError for a glob that no event's name matches, whether it occurs or not. */
export function checkEventNames(globs: readonly string[], { formats, builtin }: KnownNames): void {
  for (const glob of globs) {
    // A type by its number, as the text shows one that no format tells.
    if (/^\d+$/.test(glob)) continue;
    const matches = globMatcher(glob);
    const names = new Set<string>();
    let found = false;
    const look = (system: string, name: string): void => {
      found ||= matches(name) || matches(system) || matches(`${system}:${name}`);
      names.add(name).add(system);
    };
    for (const { system, name } of formats.values()) look(system, name);
    for (const name of builtin) look("ftrace", name);
    if (found) continue;
    const [system, name] = glob.includes(":") ? (glob.split(":", 2) as [string, string]) : ["", glob];
    const near = nearest(name, names);
    const whole = near !== undefined && names.has(system) ? `${system}:${near}` : near;
    const why = formats.size > 0 || whole ? meant(whole) : ": without event formats only ftrace's own have names";
    throw new UsageError(`no event is called ${glob}${why}`, "event");
  }
}

/** Throws UsageError for a field that no event has; the kernel answers EINVAL. */
export function checkFilterFields(filter: FilterExpr, { formats }: KnownNames): void {
  for (const field of fieldsOf(filter)) {
    if (isCommonField(field)) continue;
    const names = new Set<string>();
    let found = false;
    for (const format of formats.values()) {
      found = format.fields.some(({ name }) => name === field);
      if (found) break;
      for (const { name } of format.fields) names.add(name);
    }
    if (found) continue;
    const why = formats.size === 0 ? ": without event formats no fields are known" : meant(nearest(field, names));
    throw new UsageError(`no event has a field ${field}${why}`, "filter");
  }
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
  if (isCommonField(field)) return;
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
  const tasks = seenPids.size === 1 ? "there is 1 task" : `there are ${seenPids.size} tasks`;
  if (missed !== undefined && pids.size === missing.size) throw new UsageError(`${missed}: ${tasks}`, "pid");
  const strangers = [...unmatched.keys()].map(
    (glob) => `no event belongs to a task called ${glob}${meant(nearest(glob, seenNames))}`,
  );
  if (strangers.length > 0 && comms.length === unmatched.size) throw new UsageError(strangers[0]!, "comm");
  return missed === undefined ? strangers : [missed, ...strangers];
}
