type Row = (string | undefined)[];

function emptyRow<T>(): (T | undefined)[] {
  return new Array<T | undefined>(256).fill(undefined);
}

/** A text for each 16-bit number, made when it is first asked for. In rows: few of the numbers occur in a trace. */
export class Texts16 {
  private readonly rows = emptyRow<Row>();

  constructor(private readonly make: (value: number) => string) {}

  at(value: number): string {
    const high = value >>> 8;
    let row = this.rows[high];
    if (row === undefined) {
      row = emptyRow();
      this.rows[high] = row;
    }
    let text = row[value & 0xff];
    if (text === undefined) {
      text = this.make(value);
      row[value & 0xff] = text;
    }
    return text;
  }
}
