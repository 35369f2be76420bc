import type { EventFormat } from "../../system/formats/parse-format.js";
import { isDoubtful } from "../event.js";
import { compileOrError, type FilterTest } from "./filter.js";
import type { FilterExpr } from "./filter-parse.js";
import { followTest } from "./follow.js";
import { globMatcher } from "./glob.js";
import { depthTest, functionTest, type GraphCallOf } from "./graph.js";
import { filterScope, type Vocabulary } from "./scope.js";
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

/** What is known of a trace's events, to choose by. */
export interface KnownEvents extends Vocabulary {
  readonly formats: ReadonlyMap<number, EventFormat>;
  /** Names of types without a format file. */
  name(type: number): string | undefined;
  readonly graphCall: GraphCallOf;
}

/** One test of all that was chosen; undefined when everything is. */
export function eventTest(choice: Choice, known: KnownEvents): EventTest | undefined {
  const { pids, comms, since, until } = choice;
  const tests: EventTest[] = [];
  if (since !== undefined) tests.push((event) => event.t >= since);
  if (until !== undefined) tests.push((event) => event.t <= until);
  if (choice.lost) tests.push((event) => event.lost !== 0);
  if (choice.sure) tests.push((event) => !isDoubtful(event));
  if (pids !== undefined) tests.push((event) => pids.has(event.pid));
  if (choice.events !== undefined) tests.push(typeTest(choice.events, known));
  if (choice.follow !== undefined) tests.push(followTest(choice.follow, known.formats, known.littleEndian));
  if (choice.depth !== undefined) tests.push(depthTest(choice.depth, known.graphCall));
  if (choice.functions !== undefined) tests.push(functionTest(choice.functions, known.graphCall));
  if (comms !== undefined) {
    const matchers = comms.map(globMatcher);
    tests.push((event) => {
      const comm = known.names.at(event.pid, event.position);
      return matchers.some((matches) => matches(comm));
    });
  }
  if (choice.filter !== undefined) tests.push(filterTest(choice.filter, known));
  if (tests.length <= 1) return tests[0];
  return (event, type) => tests.every((test) => test(event, type));
}

/** What passes both. */
export function bothTests(a: EventTest | undefined, b: EventTest | undefined): EventTest | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return (event, type) => a(event, type) && b(event, type);
}

/** True for the types whose names match one of the globs. */
function typeTest(globs: readonly string[], known: KnownEvents): EventTest {
  const matchers = globs.map((glob) => {
    // `sched` alone names a system, as set_event has it.
    const matches = globMatcher(glob);
    return (system: string, name: string): boolean => matches(name) || matches(`${system}:${name}`) || matches(system);
  });
  const byType = new Map<number, boolean>();
  return (_, type) => {
    let matches = byType.get(type);
    if (matches === undefined) {
      const system = known.formats.get(type)?.system ?? "ftrace";
      const name = known.formats.get(type)?.name ?? known.name(type) ?? String(type);
      matches = matchers.some((test) => test(system, name));
      byType.set(type, matches);
    }
    return matches;
  };
}

/** Of a type that cannot carry the filter. */
const never: FilterTest = () => false;

function filterTest(filter: FilterExpr, known: KnownEvents): EventTest {
  const compiled = new Map<number, FilterTest>();
  return (event, type) => {
    let test = compiled.get(type);
    if (test === undefined) {
      const compiledTest = compileOrError(filter, filterScope(known.formats.get(type), known));
      test = typeof compiledTest === "function" ? compiledTest : never;
      compiled.set(type, test);
    }
    return test(event);
  };
}
