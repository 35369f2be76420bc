import type { TaskNames } from "../events/names.js";
import { bothTests, eventTest } from "../events/select/choice.js";
import { followTest } from "../events/select/follow.js";
import type { GraphCallOf } from "../events/select/graph.js";
import { checkEventNames, checkFilter, checkFollowed, checkFunctions, checkTasks } from "../events/select/known.js";
import { placeTest } from "../events/select/places.js";
import { choiceOf, pointInTime, type TraceTimes } from "../events/select/spec.js";
import type { EventTest } from "../events/select/test.js";
import type { EventStream } from "../events/stream.js";
import type { Image } from "../image/image.js";
import type { WritingKernel } from "../system/writing-kernel.js";
import { functionRange, symbolText } from "../text/symbols.js";
import type { TracePages } from "./pages.js";
import type { Printing } from "./printing.js";
import type { TraceSpec } from "./spec.js";
import type { Trace } from "./trace.js";

/** Which events are wanted. */
export interface Choosing {
  readonly window: Trace["window"];
  /** What each event says of itself; undefined where all are wanted. */
  readonly test: EventTest | undefined;
  /** The same, and its place; made when first asked for, as it takes walks of its own. */
  placed(): EventTest | undefined;
  readonly chooses: boolean;
  /** Whether events before it decide on an event. */
  readonly remembers: boolean;
}

/** What a choice is made from. */
export interface ChoosingNeeds {
  readonly image: Image;
  readonly writer: WritingKernel;
  readonly spec: TraceSpec;
  readonly pages: TracePages;
  readonly names: TaskNames;
  readonly printing: Printing;
  /** A walk over all events, or those that pass. */
  stream(test?: EventTest): EventStream;
}

/** Throws UsageError for what is none, or chooses what cannot be. */
export function choosingOf(needs: ChoosingNeeds, notes: string[]): Choosing {
  const { image, writer, spec, pages, names, stream } = needs;
  const { text, symbols } = needs.printing;
  const { abi } = image.layout;
  const { inNs, origin, coverage } = pages;
  const times: TraceTimes = { inNs, origin, lastTime: () => lastTimeOf(pages, stream) };
  const choice = choiceOf(spec, times);
  const { last } = spec;
  // A bare number is seconds, which asks for all of most traces: it may have been meant as a number of events.
  if (last !== undefined && /^\d+$/.test(last) && inNs && coverage.span && isWhole(BigInt(last), coverage.span))
    notes.push(`${last} means ${last} seconds, and the whole trace is shorter: write 200ms, 5m or 1h`);
  const known = { formats: writer.formats, builtin: text.builtinNames };
  if (choice.events !== undefined) checkEventNames(choice.events, known);
  if (choice.pids !== undefined || choice.comms !== undefined) notes.push(...checkTasks(choice, stream(), names));
  const graphCall: GraphCallOf = (event, type) =>
    text.graphCall(event, type, (address) => symbolText(symbols.lookup, address));
  const words = {
    littleEndian: abi.littleEndian,
    longSize: abi.longSize,
    names,
    functionRange: remembered((name: string) => functionRange(writer.kallsyms, name, symbols)),
  };
  if (choice.filter !== undefined) checkFilter(choice.filter, choice.events, known, words);
  const { follow, functions } = choice;
  if (follow !== undefined) checkFollowed(follow, stream(), followTest(follow, writer.formats, abi.littleEndian));
  if (functions !== undefined)
    notes.push(...checkFunctions(functions, stream(), graphCall, writer.kallsyms !== undefined));
  const test = eventTest(choice, {
    ...words,
    formats: writer.formats,
    name: (type) => text.builtin(type),
    graphCall,
  });
  let places: EventTest | undefined | "unasked" = "unasked";
  return {
    window: { since: choice.since, until: choice.until },
    test,
    placed: () => {
      if (places === "unasked")
        places = placeTest(spec, {
          all: () => stream(),
          wanted: () => stream(test),
          time: (at) => pointInTime("around", at, times),
        });
      return bothTests(test, places);
    },
    chooses: test !== undefined || spec.around !== undefined || spec.perCpu !== undefined,
    remembers: remembers(spec),
  };
}

const isWhole = (seconds: bigint, { first, last }: { readonly first: bigint; readonly last: bigint }): boolean =>
  seconds * 1_000_000_000n >= last - first;

/** Asked of each kind of event, and each time it would search through all symbols. */
function remembered<T>(find: (name: string) => T): (name: string) => T {
  const found = new Map<string, T>();
  return (name) => {
    if (!found.has(name)) found.set(name, find(name));
    return found.get(name) as T;
  };
}

/** Whether a choice of events looks at those before. */
function remembers({ follow, depth, functions, around, perCpu }: TraceSpec): boolean {
  return [follow, depth, functions, around, perCpu].some((each) => each !== undefined);
}

/** The last event's, since the origin: of what is believed without a walk, else the last that is no later than that. */
function lastTimeOf({ coverage, origin, asBelieved }: TracePages, stream: () => EventStream): number | undefined {
  const believed = coverage.span && Number(coverage.span.last - origin.value);
  if (asBelieved) return believed;
  const most = believed ?? Number.POSITIVE_INFINITY;
  const events = stream();
  let last: number | undefined;
  for (let event = events.next(); event !== undefined; event = events.next())
    if (event.t <= most && (last === undefined || event.t > last)) last = event.t;
  return last;
}
