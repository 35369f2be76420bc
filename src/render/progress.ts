import type { Io } from "../io.js";

/** Nobody wants to read about work that is done at once. */
const QUIET_MS = 1000;
const REFRESH_MS = 200;
/** Steps between looks at the clock. */
const STRIDE = 1024;

/** Tells a person how far a slow piece of work is: one line on standard error, only at a terminal, only after a while. */
export class Progress {
  private readonly start = Date.now();
  private shown = 0;
  private steps = 0;

  constructor(
    private readonly io: Io,
    private readonly total: number,
    private readonly what = "sub-buffers",
  ) {}

  step(): void {
    if (++this.steps % STRIDE === 0) this.reached(this.steps);
  }

  /** So many are done. */
  reached(count: number): void {
    const now = Date.now();
    if (now - this.start < QUIET_MS || now - this.shown < REFRESH_MS || !this.io.stderrIsTerminal) return;
    this.shown = now;
    this.io.note(`\rrbtool: ${Math.floor((100 * count) / this.total)}% of ${this.total} ${this.what}`);
  }

  /** Clears the line. */
  done(): void {
    if (this.shown > 0) this.io.note("\r\u001b[K");
  }
}

const MIB = 1024 * 1024;

/** The same for a search through memory: how fast, and what was seen so far. */
export class SearchProgress {
  private readonly start = Date.now();
  private shown = 0;

  constructor(private readonly io: Io) {}

  reached({ bytes, total, sightings }: { bytes: number; total: number; sightings: number }): void {
    const now = Date.now();
    if (now - this.start < QUIET_MS || now - this.shown < REFRESH_MS || !this.io.stderrIsTerminal) return;
    this.shown = now;
    const rate = Math.round(bytes / MIB / ((now - this.start) / 1000));
    const share = Math.floor((100 * bytes) / Math.max(1, total));
    this.io.note(
      `\r\u001b[Krbtool: ${share}% of ${Math.ceil(total / MIB)} MiB, ${rate} MiB/s, ${sightings} likely places`,
    );
  }

  /** Clears the line. */
  done(): void {
    if (this.shown > 0) this.io.note("\r\u001b[K");
  }
}
