import type { Thread } from "../../threads.js";

/** Pieces of work that a thread has waiting, so that it never waits itself. */
const AHEAD = 2;

/** Pieces of work, by number: what anybody can do, and one after the other is taken. */
export interface Work<Result> {
  readonly count: number;
  /** Asks another thread for a piece; what it says to it, under `number`, is the result. */
  ask(thread: Thread, number: number): void;
  /** Does a piece here. */
  make(number: number): Result;
  take(result: Result, number: number): Promise<void>;
}

/** What a helper says: that it can help, or the result of a piece of work. */
export type Said = { readonly ready: true } | { readonly number: number; readonly result: unknown };

interface Helper {
  readonly thread: Thread;
  ready: boolean;
  /** Pieces that it has not given back. */
  waiting: number;
}

/** This thread and others, which do pieces of work between them. */
export class Team {
  private readonly helpers: readonly Helper[];
  private readonly results = new Map<number, unknown>();
  private failure: { readonly error: unknown } | undefined;
  private wake: (() => void) | undefined;

  constructor(threads: readonly Thread[]) {
    this.helpers = threads.map((thread) => ({ thread, ready: false, waiting: 0 }));
    for (const helper of this.helpers) {
      helper.thread.listen((message) => this.hear(helper, message as Said));
      helper.thread.ended((error) => {
        this.failure ??= { error };
        this.wake?.();
      });
    }
  }

  /** How many threads there are. */
  get size(): number {
    return 1 + this.helpers.length;
  }

  /** Tells all others. */
  tell(message: unknown): void {
    for (const { thread } of this.helpers) thread.post(message);
  }

  /** Tells all others what they go on with: each says when it can help again. */
  sendOn(message: unknown): void {
    for (const helper of this.helpers) helper.ready = false;
    this.tell(message);
  }

  /** Does all pieces. No more are made than a few for each thread before the first of them is taken: memory stays bounded. */
  async run<Result>(work: Work<Result>): Promise<void> {
    const { count } = work;
    const results = this.results as Map<number, Result>;
    let given = 0;
    for (let next = 0; next < count; ) {
      if (this.failure !== undefined) throw this.failure.error;
      const limit = Math.min(count, next + AHEAD * this.size + 1);
      for (const helper of this.helpers)
        for (; helper.ready && helper.waiting < AHEAD && given < limit; helper.waiting++)
          work.ask(helper.thread, given++);
      const result = results.get(next);
      if (result !== undefined) {
        results.delete(next);
        await work.take(result, next++);
      } else if (given < limit) {
        const number = given++;
        results.set(number, work.make(number));
      } else await this.news();
      // What others say is heard between two pieces.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.helpers.map(({ thread }) => thread.stop()));
  }

  private hear(helper: Helper, said: Said): void {
    if ("ready" in said) helper.ready = true;
    else {
      helper.waiting--;
      this.results.set(said.number, said.result);
    }
    this.wake?.();
  }

  private async news(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = undefined;
  }
}
