import type { Starter } from "../../threads.js";
import type { Said, Team } from "./team.js";

/** What every thread can do with the trace that it has opened, by name. What is given and what comes of it are plain data. */
export type Tasks = Readonly<Record<string, (given: never) => unknown>>;

type Asked =
  | {
      readonly task: string;
      readonly given: unknown;
      /** Its result is wanted, under this number; nothing comes of it otherwise. */
      readonly number?: number;
    }
  /** It is done; what the thread goes on with. */
  | { readonly goOn: unknown };

/** Pieces of a task. */
interface Pieces<Given, Result> {
  readonly count: number;
  given(number: number): Given;
  take(result: Result, number: number): Promise<void>;
}

/** This thread's tasks, and who can do the same. */
export class SharedTasks<T extends Tasks> {
  constructor(
    private readonly team: Team,
    private readonly tasks: T,
  ) {}

  /** How many threads there are. */
  get size(): number {
    return this.team.size;
  }

  /** Has pieces of a task done by whoever is free, and takes the results in order. */
  async share<Name extends keyof T & string>(
    task: Name,
    { count, given, take }: Pieces<Parameters<T[Name]>[0], ReturnType<T[Name]>>,
  ): Promise<void> {
    await this.team.run<ReturnType<T[Name]>>({
      count,
      ask: (thread, number) => thread.post({ task, given: given(number), number } satisfies Asked),
      make: (number) => this.tasks[task]!(given(number) as never) as ReturnType<T[Name]>,
      take,
    });
  }

  /** The same of given pieces; the results, in order. */
  async results<Name extends keyof T & string>(
    task: Name,
    pieces: readonly Parameters<T[Name]>[0][],
  ): Promise<readonly ReturnType<T[Name]>[]> {
    const results: ReturnType<T[Name]>[] = [];
    await this.share(task, {
      count: pieces.length,
      given: (number) => pieces[number] as Parameters<T[Name]>[0],
      take: async (result) => {
        results.push(result);
      },
    });
    return results;
  }

  /** Has a task done by every thread. */
  each<Name extends keyof T & string>(task: Name, given: Parameters<T[Name]>[0]): void {
    this.tasks[task]!(given as never);
    this.team.tell({ task, given } satisfies Asked);
  }
}

/** Tells all others what they go on with (help()): each says when it can help again. */
export function sendOn(team: Team, goOn: unknown): void {
  team.sendOn({ goOn } satisfies Asked);
}

/**
 * Does what the thread that started this one asks for, until it ends it, or says what to go on with.
 * @param tasks undefined where there is nothing to share, which that one finds as well
 */
export async function help<GoOn = never>(tasks: Tasks | undefined, starter: Starter): Promise<GoOn> {
  starter.post({ ready: true } satisfies Said);
  for (;;) {
    const asked = (await starter.next()) as Asked;
    if ("goOn" in asked) return asked.goOn as GoOn;
    const { task, given, number } = asked;
    if (tasks === undefined) throw new Error("what can be cut in one thread cannot in another");
    const result = tasks[task]!(given as never);
    if (number !== undefined) starter.post({ number, result } satisfies Said);
  }
}
