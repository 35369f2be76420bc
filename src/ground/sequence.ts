/**
 * A list whose members are made as they are read, each time anew: what is told of each sub-buffer of a large area would take
 * more memory than all else.
 */
export class Sequence<T> implements Iterable<T> {
  static readonly NONE = new Sequence<never>(0, (i) => {
    throw new RangeError(`there is no member ${i}`);
  });

  /** Those of several, one behind the other. */
  static joined<T>(parts: readonly Sequence<T>[]): Sequence<T> {
    const ends: number[] = [];
    let length = 0;
    for (const part of parts) {
      length += part.length;
      ends.push(length);
    }
    /** Where the last one was found: they are asked for in order. */
    let at = 0;
    return new Sequence(length, (i) => {
      if (at > 0 && i < ends[at - 1]!) at = 0;
      while (i >= ends[at]!) at++;
      return parts[at]!.at(i - (ends[at - 1] ?? 0));
    });
  }

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

  /** Those that a test chooses. It is asked once; their places are all that is kept. */
  filter(isChosen: (one: T) => boolean): Sequence<T> {
    const places: number[] = [];
    for (let i = 0; i < this.length; i++) if (isChosen(this.make(i))) places.push(i);
    return new Sequence(places.length, (i) => this.make(places[i]!));
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
