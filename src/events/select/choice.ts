import type { EventFormat } from "../../system/formats/parse-format.js";
import { isDoubtful, type TraceEvent } from "../event.js";
import { compileFilter, type FilterTest } from "./filter.js";
import type { FilterExpr } from "./filter-parse.js";
import { followTest } from "./follow.js";
import { globMatcher } from "./glob.js";
import { depthTest, functionTest, type GraphCall } from "./graph.js";
import { filterScope, type ScopeFacts } from "./scope.js";
import type { EventTest } from "./test.js";

/** Which events to show; what is absent leaves none out. CPUs are chosen before the merge. */
export interface Choice {
  readonly pids?: ReadonlySet<number> | undefined;
  /** Globs of task names. */
  readonly comms?: readonly string[] | undefined;
  /** Globs of event names: `sched_*`, `sched:*`. */
  readonly events?: readonly string[] | undefined;
  readonly filter?: FilterExpr | undefined;
  /** Times since the origin, inclusive. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly follow?: number | undefined;
  readonly depth?: number | undefined;
  readonly functions?: readonly string[] | undefined;
  /** Only events before which others were lost. */
  readonly lost?: boolean | undefined;
  /** Without events that may hold foreign bytes. */
  readonly sure?: boolean | undefined;
}

export interface ChoiceFacts extends ScopeFacts {
  readonly formats: ReadonlyMap<number, EventFormat>;
  /** Names of types without a format file. */
  name(type: number): string | undefined;
  /** The call that an event of the function graph tells of; undefined for all others. */
  graphCall(event: TraceEvent, type: number): GraphCall | undefined;
}

/** One test of all that was chosen; undefined when everything is. */
export function eventTest(choice: Choice, facts: ChoiceFacts): EventTest | undefined {
  const { pids, comms, since, until } = choice;
  const tests: EventTest[] = [];
  if (since !== undefined) tests.push((event) => event.t >= since);
  if (until !== undefined) tests.push((event) => event.t <= until);
  if (choice.lost) tests.push((event) => event.lost !== 0);
  if (choice.sure) tests.push((event) => !isDoubtful(event));
  if (pids !== undefined) tests.push((event) => pids.has(event.pid));
  if (choice.events !== undefined) tests.push(typeTest(choice.events, facts));
  if (choice.follow !== undefined) tests.push(followTest(choice.follow, facts));
  if (choice.depth !== undefined) tests.push(depthTest(choice.depth, facts));
  if (choice.functions !== undefined) tests.push(functionTest(choice.functions, facts));
  if (comms !== undefined) {
    const matchers = comms.map(globMatcher);
    tests.push((event) => {
      const comm = facts.names.at(event.pid, event.position);
      return matchers.some((matches) => matches(comm));
    });
  }
  if (choice.filter !== undefined) tests.push(filterTest(choice.filter, facts));
  if (tests.length <= 1) return tests[0];
  return (event, type) => tests.every((test) => test(event, type));
}

/** What passes both. */
export function bothTests(a: EventTest | undefined, b: EventTest | undefined): EventTest | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return (event, type) => a(event, type) && b(event, type);
}

/** True for the types whose names match one of the globs. */
function typeTest(globs: readonly string[], facts: ChoiceFacts): EventTest {
  const matchers = globs.map((glob) => {
    // `sched` alone names a system, as set_event has it.
    const matches = globMatcher(glob);
    return (system: string, name: string): boolean => matches(name) || matches(`${system}:${name}`) || matches(system);
  });
  const known = new Map<number, boolean>();
  return (_, type) => {
    let matches = known.get(type);
    if (matches === undefined) {
      const system = facts.formats.get(type)?.system ?? "ftrace";
      const name = facts.formats.get(type)?.name ?? facts.name(type) ?? String(type);
      matches = matchers.some((test) => test(system, name));
      known.set(type, matches);
    }
    return matches;
  };
}

/** Of a type without such fields. */
const never: FilterTest = () => false;

function filterTest(filter: FilterExpr, facts: ChoiceFacts): EventTest {
  const compiled = new Map<number, FilterTest>();
  return (event, type) => {
    let test = compiled.get(type);
    if (test === undefined) {
      test = compileFilter(filter, filterScope(facts.formats.get(type), facts)) ?? never;
      compiled.set(type, test);
    }
    return test(event);
  };
}
