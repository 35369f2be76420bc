import type { FormatProblem } from "../../system/formats/table.js";
import type { Trace } from "../../trace/trace.js";

/** What there is to tell of events that were printed. Plain data, so that one thread can tell another. */
export interface Seen {
  readonly notes: readonly string[];
  /** With format files that were read for it. */
  readonly problems: readonly FormatProblem[];
  /** How many values are shown as markers. */
  readonly marked: number;
  /** How many names and texts lie in memory whose place is inferred. */
  readonly inferred: number;
  /** Arguments of functions are shown that BTF would explain. */
  readonly argsWanted: boolean;
}

/** Looks at what there is to tell, again and again. */
export class Watch {
  private notes = 0;
  private marked = 0;
  private inferred = 0;
  private told: number;

  /** @param problems of format files; those that stand there now are told already */
  constructor(private readonly problems: readonly FormatProblem[]) {
    this.told = problems.length;
  }

  /** What has come since it was last asked. */
  news(view: Trace): Seen {
    const [marked, inferred] = [view.marked(), view.inferred()];
    const news = {
      notes: view.notes.slice(this.notes),
      problems: this.problems.slice(this.told),
      marked: marked - this.marked,
      inferred: inferred - this.inferred,
      argsWanted: view.text.args.wanted,
    };
    this.notes = view.notes.length;
    this.told = this.problems.length;
    this.marked = marked;
    this.inferred = inferred;
    return news;
  }
}

/**
 * What was seen of one slice after another. Each thread goes through its slices in order, so of the first slice that has
 * something to tell, it is told: all in the order in which one thread would have seen it, once.
 */
export class AllSeen {
  private readonly notes = new Set<string>();
  private readonly problems = new Map<string, FormatProblem>();
  private marked = 0;
  private inferred = 0;
  private argsWanted = false;

  add({ notes, problems, marked, inferred, argsWanted }: Seen): void {
    for (const note of notes) this.notes.add(note);
    for (const problem of problems) this.problems.set(`${problem.event}: ${problem.message}`, problem);
    this.marked += marked;
    this.inferred += inferred;
    this.argsWanted ||= argsWanted;
  }

  get seen(): Seen {
    const { marked, inferred, argsWanted } = this;
    return { notes: [...this.notes], problems: [...this.problems.values()], marked, inferred, argsWanted };
  }
}
