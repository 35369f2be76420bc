import type { Thread } from "../../threads.js";

/** Pieces of work that a thread has waiting, so that it never waits itself. */
const AHEAD = 2;

/** Pieces of work, by number: what anybody can do, and one after the other is taken. */
export interface Work<Part, Result> {
  readonly count: number;
  /** Asks another thread for a piece; what it says to it, under `number`, is the result, and parts of it before. */
  ask(thread: Thread, number: number): void;
  /** Does a piece here. */
  make(number: number): Making<Part, Result>;
  /** Gets the parts of a result before it is taken. */
  part(part: Part): Promise<void>;
  take(result: Result, number: number): Promise<void>;
}

/** A piece of work that is done here, step by step. */
export interface Making<Part, Result> {
  /** It can go on when a part that it has made is taken. */
  readonly full: boolean;
  next(): IteratorResult<Part, Result>;
}

/** What a helper says: that it can help; a part of a result, or the end of it, of a piece of work. */
export type Said = { readonly ready: true } | { readonly number: number; readonly part: unknown } | Ended;

interface Ended {
  readonly number: number;
  readonly result: unknown;
}

/** What there is of a piece of work that is not taken yet. */
interface Made {
  readonly parts: unknown[];
  end?: { readonly result: unknown };
}

interface Helper {
  readonly thread: Thread;
  ready: boolean;
  /** Pieces that it has not given back. */
  waiting: number;
}

/** This thread and others, which do pieces of work between them. */
export class Team {
  private readonly helpers: readonly Helper[];
  private readonly made = new Map<number, Made>();
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

  /**
   * Does all pieces. No more are made than a few for each thread before the first of them is taken, and who is full waits: memory
   * stays bounded. Each thread does its pieces in order, so whoever has the next one has place for it.
   */
  async run<Part, Result>({ count, ask, make, part, take }: Work<Part, Result>): Promise<void> {
    let given = 0;
    let own: { readonly number: number; readonly making: Making<Part, Result> } | undefined;
    for (let next = 0; next < count; ) {
      if (this.failure !== undefined) throw this.failure.error;
      const limit = Math.min(count, next + AHEAD * this.size + 1);
      for (const helper of this.helpers)
        for (; helper.ready && helper.waiting < AHEAD && given < limit; helper.waiting++) ask(helper.thread, given++);
      const { parts, end } = this.of(next);
      if (parts.length > 0) for (const each of parts.splice(0)) await part(each as Part);
      else if (end !== undefined) {
        this.made.delete(next);
        await take(end.result as Result, next++);
      } else if (own !== undefined && !own.making.full) {
        const { done, value } = own.making.next();
        this.hearOf(done ? { number: own.number, result: value } : { number: own.number, part: value });
        if (done) own = undefined;
      } else if (own === undefined && given < limit) {
        const number = given++;
        own = { number, making: make(number) };
      } else await this.news();
      // What others say is heard between two steps.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.helpers.map(({ thread }) => thread.stop()));
  }

  private hear(helper: Helper, said: Said): void {
    if ("ready" in said) helper.ready = true;
    else {
      if ("result" in said) helper.waiting--;
      this.hearOf(said);
    }
    this.wake?.();
  }

  private hearOf(said: Exclude<Said, { readonly ready: true }>): void {
    const made = this.of(said.number);
    if ("result" in said) made.end = { result: said.result };
    else made.parts.push(said.part);
  }

  private of(number: number): Made {
    let made = this.made.get(number);
    if (made === undefined) {
      made = { parts: [] };
      this.made.set(number, made);
    }
    return made;
  }

  private async news(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = undefined;
  }
}
