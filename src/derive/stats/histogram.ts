/** Counts over time in a fixed number of buckets: their width doubles when time runs past the last one. */
export class Histogram {
  readonly counts: Float64Array;
  /** Units of time a bucket. */
  width = 1;
  private start = Number.NaN;

  constructor(readonly buckets = 64) {
    this.counts = new Float64Array(buckets);
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
