import type { TraceEvent } from "./event.js";
import type { RingIter } from "./ring-iter.js";
import type { EventTest } from "./select/test.js";
import { type CpuTimes, type Slice, slicesOf } from "./slices.js";
import { EventStream, type Hearer } from "./stream.js";

/** Which events are shown with the one before (EventStream.takeAhead()). */
export interface Taking {
  /** The type of those that can be. */
  readonly returnType: number;
  takes(event: TraceEvent, next: TraceEvent): boolean;
}

/** Who reads a slice. */
interface Reader {
  /** Shows events with others. */
  readonly taking?: Taking | undefined;
  readonly hearer?: Hearer | undefined;
}

/** A stream that can begin and end at any time. Its slices are read one after the other, with the same iterators. */
export class CutStream {
  /** These look at other places. */
  private readonly scouts: readonly RingIter[];

  /**
   * @param cpus in the order of the merge
   * @param iters of these CPUs
   * @param test asks of an event what it and its place say, and nothing of events before
   */
  constructor(
    private readonly cpus: readonly CpuTimes[],
    private readonly iters: RingIter[],
    private readonly test: EventTest | undefined,
  ) {
    this.scouts = iters.map((iter) => iter.fork());
  }

  /** Slices of about so many sub-buffers each, one after another. */
  slices(subbufs: number): readonly Slice[] {
    return slicesOf(this.cpus, subbufs);
  }

  /** All events of a slice, wanted or not. Each stream holds until the next one is asked for. */
  everyEvent(slice: Slice): EventStream {
    return this.part(slice, undefined, {});
  }

  /** The wanted events of a slice. */
  events(slice: Slice, who: Reader = {}): EventStream {
    return this.part(slice, this.test, who);
  }

  /** How many wanted events a slice has. Where all are wanted, its ends tell. */
  count(slice: Slice): number {
    if (this.test === undefined) return this.before(slice.until) - this.before(slice.from);
    const events = this.events(slice);
    while (events.next() !== undefined);
    return events.given;
  }

  /** Events of all CPUs that are before a time. */
  private before(time: number): number {
    return sum(this.cpus.map((cpu, at) => cpu.seek(this.scouts[at]!, time)));
  }

  private part({ from, until }: Slice, test: EventTest | undefined, { taking, hearer }: Reader): EventStream {
    const { iters } = this;
    const passed = this.cpus.map((cpu, at) => cpu.seek(iters[at]!, from));
    const taken =
      taking === undefined ? [] : iters.map((next, at) => this.isTaken({ at, passed: passed[at]!, next }, taking));
    return new EventStream(iters, test, { position: sum(passed), until, taken }, hearer);
  }

  /** Whether a CPU's first event of a slice is shown with the one before, in the slice before. */
  private isTaken({ at, passed, next }: Beginning, taking: Taking): boolean {
    if (passed === 0 || !next.peek() || next.type !== taking.returnType) return false;
    const before = this.scouts[at]!;
    this.cpus[at]!.seekNumber(before, passed - 1);
    if (!before.peek() || !taking.takes(before, next)) return false;
    if (this.test === undefined) return true;
    before.position = passed - 1 + this.othersBefore(at, before.t);
    return this.test(before, before.type);
  }

  /** Events of other CPUs that come before one of this CPU's at a time. */
  private othersBefore(at: number, time: number): number {
    return sum(
      this.cpus.map((cpu, other) => (other === at ? 0 : cpu.seek(this.scouts[other]!, other < at ? time + 1 : time))),
    );
  }
}

/** Of a CPU's part of a slice: how many events are before it, and the first. */
interface Beginning {
  readonly at: number;
  readonly passed: number;
  readonly next: RingIter;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
