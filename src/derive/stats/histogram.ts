/** Buckets from the first on. */
export interface HistogramContents {
  readonly from: number;
  readonly width: number;
  readonly counts: readonly number[];
}

/** Counts over time in a fixed number of buckets: their width doubles when time runs past the last one. */
export class Histogram {
  readonly counts: Float64Array;
  /** Units of time a bucket. */
  width = 1;
  private readonly buckets = 64;

  /** @param start when the first bucket begins, in place of with what is added first */
  constructor(private start = Number.NaN) {
    this.counts = new Float64Array(this.buckets);
  }

  /** When the first bucket begins. */
  get from(): number {
    return this.start;
  }

  add(t: number): void {
    if (Number.isNaN(this.start)) this.start = t;
    // Time that goes backwards counts where the trace began.
    let bucket = t <= this.start ? 0 : Math.floor((t - this.start) / this.width);
    while (bucket >= this.buckets) {
      this.fold();
      bucket = Math.floor((t - this.start) / this.width);
    }
    this.counts[bucket]! += 1;
  }

  /** Adds what was counted from the same start on. */
  append({ from, width, counts }: HistogramContents): void {
    if (Number.isNaN(this.start)) this.start = from;
    while (this.width < width) this.fold();
    const times = this.width / width;
    for (const [i, count] of counts.entries()) {
      const bucket = Math.floor(i / times);
      this.counts[bucket]! += count;
    }
  }

  get contents(): HistogramContents {
    return { from: this.start, width: this.width, counts: this.used() };
  }

  private fold(): void {
    const { counts, buckets } = this;
    for (let i = 0; i < buckets / 2; i++) counts[i] = counts[2 * i]! + counts[2 * i + 1]!;
    counts.fill(0, buckets / 2);
    this.width *= 2;
  }

  /** The buckets up to the last that holds anything. */
  used(): number[] {
    let last = this.buckets;
    while (last > 0 && this.counts[last - 1] === 0) last--;
    return [...this.counts.subarray(0, last)];
  }
}
