/** Whole numbers, the one that is before all others first: a binary heap. */
export abstract class Heap {
  private readonly numbers: number[] = [];

  protected abstract isBefore(a: number, b: number): boolean;

  /** Undefined where there are none. */
  get first(): number | undefined {
    return this.numbers[0];
  }

  /** The one that would be first without it. */
  get second(): number | undefined {
    const { numbers } = this;
    const [, left, right] = numbers;
    return left !== undefined && right !== undefined && this.isBefore(right, left) ? right : left;
  }

  push(value: number): void {
    const { numbers } = this;
    let at = numbers.push(value) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.isBefore(value, numbers[parent]!)) break;
      numbers[at] = numbers[parent]!;
      at = parent;
    }
    numbers[at] = value;
  }

  removeFirst(): void {
    const last = this.numbers.pop();
    if (last === undefined || this.numbers.length === 0) return;
    this.numbers[0] = last;
    this.sinkFirst();
  }

  /** The first may no longer be before all others; nothing else has changed. */
  sinkFirst(): void {
    const { numbers } = this;
    const { length } = numbers;
    if (length < 2) return;
    const moving = numbers[0]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && this.isBefore(numbers[child + 1]!, numbers[child]!)) child++;
      if (!this.isBefore(numbers[child]!, moving)) break;
      numbers[at] = numbers[child]!;
      at = child;
    }
    numbers[at] = moving;
  }
}
