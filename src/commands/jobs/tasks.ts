import type { Starter } from "../../threads.js";
import { emptied, type Filled, Room } from "./memory.js";
import type { Making, Said, Team } from "./team.js";

/** What every thread can do with the trace that it has opened, by name. What is given and what comes of it are plain data. */
export type Tasks = Readonly<Record<string, (given: never) => unknown>>;

type Asked =
  | {
      readonly task: string;
      readonly given: unknown;
      /** Its result is wanted, under this number; nothing comes of it otherwise. */
      readonly number?: number;
      /** It makes bytes first. */
      readonly inBytes?: true;
    }
  /** It is done; what the thread goes on with. */
  | { readonly goOn: unknown };

/** Pieces of a task. */
interface Pieces<Given, Result> {
  readonly count: number;
  given(number: number): Given;
  take(result: Result, number: number): Promise<void>;
}

/** The same of a task that makes bytes, and says something at their end. */
interface BytePieces<Given, End> extends Pieces<Given, End> {
  /** Gets bytes that are valid until it resolves. */
  write(bytes: Uint8Array): Promise<void>;
}

type EndOf<Task> = Task extends (given: never) => Generator<Uint8Array, infer End> ? End : never;

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
    await this.team.run<never, ReturnType<T[Name]>>({
      count,
      ask: (thread, number) => thread.post({ task, given: given(number), number } satisfies Asked),
      make: (number) => ({
        full: false,
        next: () => ({ done: true, value: this.tasks[task]!(given(number) as never) as ReturnType<T[Name]> }),
      }),
      part: async () => {},
      take,
    });
  }

  /** The same of a task that makes bytes: they are written in order, and what waits for that is bounded by each thread's room. */
  async write<Name extends keyof T & string>(
    task: Name,
    { count, given, write, take }: BytePieces<Parameters<T[Name]>[0], EndOf<T[Name]>>,
  ): Promise<void> {
    const room = new Room();
    await this.team.run<Filled, EndOf<T[Name]>>({
      count,
      ask: (thread, number) => thread.post({ task, given: given(number), number, inBytes: true } satisfies Asked),
      make: (number): Making<Filled, EndOf<T[Name]>> => {
        const bytes = this.tasks[task]!(given(number) as never) as Generator<Uint8Array, EndOf<T[Name]>>;
        const filled = room.filledWith(bytes);
        return {
          get full() {
            return room.full;
          },
          next: () => filled.next(),
        };
      },
      async part(filled) {
        await write(new Uint8Array(filled.memory, 0, filled.length));
        emptied(filled);
      },
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
  const room = new Room();
  for (;;) {
    const asked = (await starter.next()) as Asked;
    if ("goOn" in asked) return asked.goOn as GoOn;
    const { task, given, number, inBytes } = asked;
    if (tasks === undefined) throw new Error("what can be cut in one thread cannot in another");
    const result = tasks[task]!(given as never);
    if (number === undefined) continue;
    if (inBytes) sayBytes(result as Generator<Uint8Array, unknown>, { number, room, starter });
    else starter.post({ number, result } satisfies Said);
  }
}

interface Saying {
  readonly number: number;
  readonly room: Room;
  readonly starter: Starter;
}

/** Gives bytes to the thread that started this one, and what is said at their end; waits where that one is behind. */
function sayBytes(bytes: Generator<Uint8Array, unknown>, { number, room, starter }: Saying): void {
  const filled = room.filledWith(bytes);
  for (;;) {
    room.wait();
    const { done, value } = filled.next();
    starter.post((done ? { number, result: value } : { number, part: value }) satisfies Said);
    if (done) return;
  }
}
