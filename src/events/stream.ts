import type { TraceEvent } from "./event.js";
import { isEarlier, MergeHeap } from "./merge-heap.js";
import type { RingIter } from "./ring-iter.js";
import type { EventTest } from "./select/test.js";

/** Where a stream begins that is a part of another, and where it ends. */
export interface StreamPart {
  /** How many events stand before its first. */
  readonly position: number;
  /** It ends before the first event of this time. */
  readonly until: number;
  /** By CPU: whether its next event was shown with the one before. */
  readonly taken: readonly boolean[];
}

/** Who is told of every event, wanted or not, before the stream gives it. */
export interface Hearer {
  hear(event: TraceEvent): void;
}

/** From so many CPUs on, to keep them in order costs less than to look at each. */
const MANY = 16;

/**
 * Where no CPU has an event, seq_read_iter() (fs/seq_file.c) gives what it has, and s_start() asks all of them again at the next
 * read. Nothing then is the end for a program that reads; sendfile(), as busybox's cat calls it, gives what it has in turn, and is
 * called once more.
 */
const LOOKS = 3;

/**
 * The events of all CPUs, each once, in time order, as __find_next_entry() finds them (kernel/trace/trace.c): every CPU
 * is peeked, in order, and the first of the smallest times wins. A CPU whose peek gives up (see ReadPolicy.maxSteps) is
 * passed over for this once; when all do again and again, the trace ends there. Nothing is allocated per event.
 */
export class EventStream implements Iterable<TraceEvent> {
  /** The CPU that the current event is of. */
  private at = -1;
  /** The smallest time among the other CPUs, and whose it is: until then, the current CPU's events come next. */
  private rivalTime = Number.NEGATIVE_INFINITY;
  private rival = -1;
  private position: number;
  private count = 0;
  private ended = false;
  /** By CPU: an iterator that stands at the event behind the current one. */
  private readonly followers: (RingIter | undefined)[] = [];
  private looked = false;
  /** By CPU: its next event was shown with the one before. */
  private readonly taken: boolean[];
  private readonly until: number;
  /** Of many CPUs. */
  private heap: MergeHeap | undefined;

  /**
   * @param iters of the chosen CPUs, each at its start
   * @param test of the events that are wanted; the others are passed over
   * @param part where the iterators stand, when that is not the start of the trace
   */
  constructor(
    private readonly iters: RingIter[],
    private readonly test?: EventTest,
    part?: StreamPart,
    private readonly hearer?: Hearer,
  ) {
    this.position = (part?.position ?? 0) - 1;
    this.until = part?.until ?? Number.POSITIVE_INFINITY;
    this.taken = [...(part?.taken ?? [])];
  }

  *[Symbol.iterator](): Generator<TraceEvent> {
    for (let event = this.next(); event !== undefined; event = this.next()) yield event;
  }

  /** How many events it has given so far, those that were shown with the one before included. */
  get given(): number {
    return this.count;
  }

  /** The next event that is wanted; undefined at the end. */
  next(): TraceEvent | undefined {
    const { test, hearer } = this;
    for (;;) {
      const event = this.step();
      if (event === undefined) return undefined;
      if (event.t >= this.until) {
        this.ended = true;
        return undefined;
      }
      event.position = ++this.position;
      if (hearer !== undefined) hearer.hear(event);
      if (this.taken[this.at]) this.taken[this.at] = false;
      else if (test === undefined || test(event, event.type)) {
        this.count++;
        return event;
      }
    }
  }

  /** What comes next on the current event's CPU, wanted or not; undefined at that CPU's end. The stream stays. */
  ahead(): TraceEvent | undefined {
    const follower = this.follower();
    return follower.peek() ? follower : undefined;
  }

  /** The event that ahead() gave was shown with the current one: the stream passes it over. */
  takeAhead(): void {
    this.taken[this.at] = true;
    this.count++;
  }

  /** The time of the event that comes next on any CPU, wanted or not. The stream stays. */
  nextTime(): number | undefined {
    let next: number | undefined;
    for (let i = 0; i < this.iters.length; i++) {
      let iter = i === this.at ? this.follower() : this.iters[i]!;
      if (!iter.peek()) continue;
      if (this.taken[i]) {
        iter = iter.fork();
        iter.advance();
        if (!iter.peek()) continue;
      }
      if (next === undefined || iter.t < next) next = iter.t;
    }
    return next;
  }

  private follower(): RingIter {
    const iter = this.iters[this.at]!;
    let follower = this.followers[this.at];
    if (follower === undefined) {
      follower = iter.fork();
      this.followers[this.at] = follower;
    } else if (!this.looked) follower.copy(iter);
    if (!this.looked) follower.advance();
    this.looked = true;
    return follower;
  }

  /** Past the current event, and to the next. */
  private step(): RingIter | undefined {
    const { iters, at } = this;
    if (this.ended) return undefined;
    if (at >= 0) {
      let current = iters[at]!;
      if (this.looked) {
        // It has gone on already, as far as the kernel's own look ahead would have.
        this.looked = false;
        const follower = this.followers[at]!;
        this.followers[at] = current;
        iters[at] = follower;
        current = follower;
      } else current.advance();
      if (current.neverGivesUp && current.peek()) {
        const { t } = current;
        const first = t < this.rivalTime || (t === this.rivalTime && at < this.rival);
        if (first && t > -Number.MAX_SAFE_INTEGER && t < Number.MAX_SAFE_INTEGER) return current;
      }
    }
    return this.first();
  }

  private first(): RingIter | undefined {
    let first = this.earliest();
    for (let look = 1; first === undefined && look < LOOKS && !this.iters.every(({ ended }) => ended); look++)
      first = this.earliest();
    if (first === undefined) this.ended = true;
    return first;
  }

  private earliest(): RingIter | undefined {
    const { iters } = this;
    if (this.heap !== undefined) {
      this.heap.moved();
      return this.standAt(this.heap);
    }
    if (iters.length >= MANY && this.at < 0) {
      this.heap = new MergeHeap(iters);
      return this.standAt(this.heap);
    }
    let best: RingIter | undefined;
    this.rivalTime = Number.POSITIVE_INFINITY;
    this.rival = iters.length;
    for (let i = 0; i < iters.length; i++) {
      const iter = iters[i]!;
      if (!iter.peek()) continue;
      if (best === undefined || iter.t < best.t || (iter.t === best.t && isEarlier(iter, best))) {
        if (best !== undefined) {
          this.rivalTime = best.t;
          this.rival = this.at;
        }
        best = iter;
        this.at = i;
      } else if (iter.t < this.rivalTime) {
        this.rivalTime = iter.t;
        this.rival = i;
      }
    }
    return best;
  }

  private standAt({ first, second }: MergeHeap): RingIter | undefined {
    this.rival = second ?? this.iters.length;
    this.rivalTime = second === undefined ? Number.POSITIVE_INFINITY : this.iters[second]!.t;
    if (first === undefined) return undefined;
    this.at = first;
    return this.iters[first];
  }
}
