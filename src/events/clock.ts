import { Stamp, type TextSink } from "../print/text-sink.js";

/**
 * Times in text. A time is a plain number relative to an origin, exact while within 2^53 units of it; times further
 * away (only damage makes them) go through bigint.
 */

const MAX_EXACT = Number.MAX_SAFE_INTEGER - 1e9;

/** Where times are counted from. */
export interface Origin {
  readonly hi: number;
  readonly lo: number;
  readonly value: bigint;
}

export function origin(value: bigint): Origin {
  const wrapped = BigInt.asUintN(64, value);
  return { hi: Number(wrapped >> 32n), lo: Number(wrapped & 0xffffffffn), value: wrapped };
}

/** Something that has a time: the fast number, and the exact value for when the number does not do. */
export interface Timed {
  /** Time since the origin. */
  readonly t: number;
  exactTime(): bigint;
}

export interface TimesShown {
  /** Nine digits in place of six. */
  readonly nanoseconds?: boolean;
  /** What makes nanoseconds since the Unix epoch of them: times are shown as dates. */
  readonly wall?: bigint | undefined;
  /** Of the seconds that a kernel prints, an unsigned long; all where it is not given. */
  readonly secondBits?: number;
}

/**
 * trace_print_time() (kernel/trace/trace_output.c): ` %5lu.%06lu`, or ` %12llu` for a clock that counts no time.
 * Microseconds are rounded (ns2usecs()).
 */
export class TimeColumn {
  private readonly nanoseconds: boolean;
  private readonly wall: bigint | undefined;
  private readonly secondBits: number;
  private readonly originSec: number;
  private readonly mostSeconds: number;
  /** From the origin's second to the origin, and what rounds. */
  private readonly ahead: number;
  /** The second that was written last: where it begins, counted from the origin's own second, and its text. NaN for none. */
  private second = Number.NaN;
  private secondText = new Stamp("");

  constructor(
    private readonly start: Origin,
    readonly inNs: boolean,
    shown: TimesShown = {},
  ) {
    const { nanoseconds = false, wall, secondBits = 64 } = shown;
    this.nanoseconds = nanoseconds;
    this.wall = wall;
    this.secondBits = secondBits;
    this.originSec = Number(start.value / 1_000_000_000n);
    this.mostSeconds = 2 ** secondBits - 1;
    this.ahead = Number(start.value % 1_000_000_000n) + (nanoseconds ? 0 : 500);
  }

  write(event: Timed, out: TextSink): void {
    const rest = this.ahead + event.t - this.second;
    if (rest >= 0 && rest < 1e9) this.inSecond(rest, out);
    else this.writeAnew(event, out);
  }

  private inSecond(rest: number, out: TextSink): void {
    out.stamp(this.secondText);
    if (this.nanoseconds) out.pad9(rest | 0);
    else out.pad6(((rest | 0) / 1000) | 0);
  }

  private writeAnew(event: Timed, out: TextSink): void {
    const { t } = event;
    if (this.wall !== undefined || !(t > -MAX_EXACT && t < MAX_EXACT)) out.text(this.exactText(event.exactTime()));
    else if (!this.inNs) {
      const value = this.start.hi === 0 && this.start.lo + t >= 0 ? this.start.lo + t : undefined;
      out.text(` ${(value ?? event.exactTime()).toString().padStart(12)}`);
    } else {
      const ns = this.ahead + t;
      const sec = this.seconds(ns);
      if (sec + this.originSec < 0 || sec + this.originSec > this.mostSeconds)
        out.text(this.exactText(event.exactTime()));
      else {
        this.second = sec * 1e9;
        this.secondText = new Stamp(` ${String(sec + this.originSec).padStart(5)}.`);
        this.inSecond(ns - this.second, out);
      }
    }
  }

  private seconds(ns: number): number {
    const sec = Math.floor(ns / 1e9);
    // The quotient of a large number may be rounded to the next whole one.
    return ns - sec * 1e9 < 0 ? sec - 1 : sec;
  }

  /** The same for any 64-bit value. */
  exactText(value: bigint): string {
    const time = BigInt.asUintN(64, value);
    if (!this.inNs) return ` ${time.toString().padStart(12)}`;
    if (this.wall !== undefined) return this.date(time + this.wall);
    const rounded = this.nanoseconds ? time : BigInt.asUintN(64, time + 500n);
    const sec = BigInt.asUintN(this.secondBits, rounded / 1_000_000_000n)
      .toString()
      .padStart(5);
    const ns = (rounded % 1_000_000_000n).toString().padStart(9, "0");
    return ` ${sec}.${this.nanoseconds ? ns : ns.slice(0, 6)}`;
  }

  /** ` 2026-11-25T10:00:00.123456Z` */
  private date(ns: bigint): string {
    const micros = this.nanoseconds ? ns / 1000n : (ns + 500n) / 1000n;
    const millis = Number(micros / 1000n);
    // A date that the calendar of JavaScript has.
    if (!(Math.abs(millis) <= 8.64e15)) return ` ${ns}`;
    const rest = this.nanoseconds ? String(ns % 1_000_000n).padStart(6, "0") : String(micros % 1000n).padStart(3, "0");
    return ` ${new Date(millis).toISOString().slice(0, -1)}${rest}Z`;
  }
}
