import { withoutModule } from "../../system/symbols/style.js";
import type { TraceEvent } from "../event.js";
import { globMatcher } from "./glob.js";
import type { EventTest } from "./test.js";

/** What an event of the function graph says of its call. */
export interface GraphCall {
  readonly depth: number;
  readonly function: string;
  readonly enters: boolean;
}

/** The call that an event of the function graph tells of; undefined for all others. */
export type GraphCallOf = (event: TraceEvent, type: number) => GraphCall | undefined;

/** The function's name alone, as set_graph_function takes it. */
export const bareFunction = (call: GraphCall): string => withoutModule(call.function);

/** Of the function graph, what is less deep than so much; all other events. */
export function depthTest(most: number, graphCall: GraphCallOf): EventTest {
  return (event, type) => {
    const call = graphCall(event, type);
    return call === undefined || call.depth < most;
  };
}

/** Contexts that are remembered at once; a hostile image has a new one in every event. */
const MOST_CONTEXTS = 65_536;

/** What happens within functions of these names, in the context that called them. */
export function functionTest(globs: readonly string[], graphCall: GraphCallOf): EventTest {
  const matchers = globs.map(globMatcher);
  /** By context: how deep the outermost of them is. */
  const inside = new Map<number, number>();
  let before = -1;
  return (event, type) => {
    // A stream begins anew.
    if (event.position <= before) inside.clear();
    before = event.position;
    const context = event.pid > 0 ? event.pid : -1 - event.cpu;
    const call = graphCall(event, type);
    const within = inside.get(context);
    if (call === undefined) return within !== undefined;
    if (within !== undefined && call.depth > within) return true;
    // As deep as the outermost, or less: that has returned, by this event or before.
    if (within !== undefined) inside.delete(context);
    if (!call.enters) return call.depth === within;
    const name = bareFunction(call);
    if (!matchers.some((matches) => matches(name))) return false;
    if (inside.size < MOST_CONTEXTS) inside.set(context, call.depth);
    return true;
  };
}
