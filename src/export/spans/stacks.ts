import type { TraceEvent } from "../../events/event.js";
import { encodeLatin1 } from "../../ground/latin1.js";
import type { Trace } from "../../trace/trace.js";
import { kindName } from "../kind-name.js";
import { Texts } from "../text/texts.js";

/** Events that hold a stack, and what is shown of them. */
export const STACKS = { kernel_stack: "kernel stacks", user_stack: "user stacks" } as const;
export type StackKind = keyof typeof STACKS;

/** The stacks that events hold, as frames from the outermost on. */
export class EventStacks {
  private readonly texts: Texts;
  private readonly kinds: (StackKind | "none" | undefined)[] = [];

  constructor(private readonly trace: Trace) {
    this.texts = new Texts(trace);
  }

  kind({ type }: TraceEvent): StackKind | undefined {
    let kind = this.kinds[type + 1];
    if (kind === undefined) {
      const { name } = kindName(this.trace, type);
      kind = name in STACKS ? (name as StackKind) : "none";
      this.kinds[type + 1] = kind;
    }
    return kind === "none" ? undefined : kind;
  }

  /** One character a byte; functions without the offset that each place has within them. */
  frames(event: TraceEvent): string[] {
    return [...this.texts.of(event).matchAll(/^ => +(.*)$/gm)]
      .map(([, place]) => encodeLatin1(place!.replace(/\+0x[0-9a-f]+(\/0x[0-9a-f]+)?/, "")))
      .reverse();
  }
}
