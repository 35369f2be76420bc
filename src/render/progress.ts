import type { Io } from "../io.js";

/** Nobody wants to read about work that is done at once. */
const QUIET_MS = 1000;
const REFRESH_MS = 200;
/** Steps between looks at the clock. */
const STRIDE = 1024;
const MIB = 1024 * 1024;

/** Tells a person how far a slow piece of work is: one line on standard error, only at a terminal, only after a while. */
class ProgressLine {
  private readonly start = Date.now();
  private shown = 0;

  constructor(private readonly io: Io) {}

  /** @param text asked for only where it is shown, with the milliseconds since the start */
  protected show(text: (elapsed: number) => string): void {
    const now = Date.now();
    const elapsed = now - this.start;
    if (elapsed < QUIET_MS || now - this.shown < REFRESH_MS || !this.io.stderrIsTerminal) return;
    this.shown = now;
    this.io.note(`\r\u001b[Krbtool: ${text(elapsed)}`);
  }

  /** Clears the line. */
  done(): void {
    if (this.shown > 0) this.io.note("\r\u001b[K");
  }
}

/** Of work whose steps are counted. */
export class Progress extends ProgressLine {
  private steps = 0;

  constructor(
    io: Io,
    private readonly total: number,
    private readonly what = "sub-buffers",
  ) {
    super(io);
  }

  step(): void {
    if (++this.steps % STRIDE === 0) this.reached(this.steps);
  }

  /** So many are done. */
  reached(count: number): void {
    this.show(() => `${Math.floor((100 * count) / this.total)}% of ${this.total} ${this.what}`);
  }
}

/** Of a search through memory: how fast, and what was seen so far. */
export class SearchProgress extends ProgressLine {
  reached({ bytes, total, sightings }: { bytes: number; total: number; sightings: number }): void {
    this.show((elapsed) => {
      const rate = Math.round((bytes / MIB / elapsed) * 1000);
      const share = Math.floor((100 * bytes) / Math.max(1, total));
      return `${share}% of ${Math.ceil(total / MIB)} MiB, ${rate} MiB/s, ${sightings} likely places`;
    });
  }
}
