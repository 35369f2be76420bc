import type { TraceEvent } from "../../events/event.js";
import type { Tracker, Watch } from "../follow.js";
import { KeptStack, type Opened } from "../kept-stack.js";
import type { EventKind } from "../kinds.js";
import { PerContext } from "../per-context.js";

/** A function that was entered; `key` is its depth, `what` its address, as far as 53 bits tell it. */
export type OpenFunction = Opened<number>;

export type FunctionListener = (entered: OpenFunction, exit: TraceEvent) => void;

/**
 * The functions that each context is in, by the function graph's entries and exits: the kernel's stack without unwinding.
 * The kernel keeps the depth a task (ret_stack), so an entry at a depth ends what was as deep, its exit lost or not.
 */
export class GraphStacks implements Tracker {
  private readonly stacks = new PerContext(() => new KeptStack<number>());

  constructor(private readonly left?: FunctionListener) {}

  of(pid: number, cpu: number): readonly OpenFunction[] {
    return this.stacks.get(pid, cpu)?.open() ?? [];
  }

  /** The same without a copy; what it holds changes with the events. */
  stack(pid: number, cpu: number): KeptStack<number> | undefined {
    return this.stacks.get(pid, cpu);
  }

  *all(): Generator<readonly [pid: number, open: OpenFunction]> {
    for (const [pid, stack] of this.stacks) for (const open of stack.open()) yield [pid, open];
  }

  watch(kind: EventKind): Watch | undefined {
    const depth = kind.number("depth");
    const func = kind.number("func");
    if (kind.system === "sched" && kind.name === "sched_process_free") {
      const pid = kind.number("pid");
      return pid && ((event) => this.stacks.drop(pid(event)));
    }
    if (kind.system !== "ftrace" || depth === undefined || func === undefined) return undefined;
    switch (kind.name) {
      case "funcgraph_entry":
      case "fgraph_retaddr_entry":
        return (event) => this.enter(depth(event), func(event), event);
      case "funcgraph_exit":
        return (event) => this.exit(depth(event), func(event), event);
      default:
        return undefined;
    }
  }

  private enter(depth: number, func: number, event: TraceEvent): void {
    const stack = this.stacks.of(event);
    if (stack === undefined || !(depth >= 0)) return;
    while (stack.top !== undefined && stack.top.key >= depth) stack.cut(stack.depth - 1);
    stack.push(func, depth, event);
  }

  private exit(depth: number, func: number, event: TraceEvent): void {
    const stack = this.stacks.of(event);
    if (stack === undefined) return;
    while (stack.top !== undefined && stack.top.key > depth) stack.cut(stack.depth - 1);
    const { top } = stack;
    if (top?.key !== depth) return;
    if (top.what === func) this.left?.(top, event);
    stack.cut(stack.depth - 1);
  }
}
