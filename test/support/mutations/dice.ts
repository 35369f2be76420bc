import { randomOf } from "../random.js";

/** What one seed decides. */
export class Dice {
  private readonly next: () => number;

  constructor(seed: number) {
    this.next = randomOf(Math.imul(seed, 0x9e3779b1) ^ (seed >>> 16));
  }

  /** A whole number from 0 up to, and without, `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}
