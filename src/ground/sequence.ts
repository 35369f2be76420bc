/**
 * A list whose members are made as they are read, each time anew: what is told of each sub-buffer of a large area would take
 * more memory than all else.
 */
export class Sequence<T> implements Iterable<T> {
  static readonly NONE = new Sequence<never>(0, (i) => {
    throw new RangeError(`there is no member ${i}`);
  });

  constructor(
    readonly length: number,
    private readonly make: (i: number) => T,
  ) {}

  at(i: number): T {
    return this.make(i);
  }

  map<U>(change: (one: T) => U): Sequence<U> {
    return new Sequence(this.length, (i) => change(this.make(i)));
  }

  /** Those from one place on, up to another. */
  between(from: number, to: number): Sequence<T> {
    return new Sequence(Math.max(0, Math.min(to, this.length) - from), (i) => this.make(from + i));
  }

  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.length; i++) yield this.make(i);
  }

  toJSON(): T[] {
    return [...this];
  }
}
