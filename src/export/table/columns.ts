import { decodeLatin1, encodeLatin1 } from "../../ground/latin1.js";
import { TextSink } from "../../print/text-sink.js";

/**
 * Columns of a table, a batch of rows at a time, in memory that the next batch uses again. A row is put into every column
 * but those that can lack it.
 */
export type Column = Int32Column | WideColumn | WordColumn | TextColumn;

interface ColumnHead {
  readonly name: string;
  /** Rows may lack it. */
  readonly nullable?: boolean;
}

const TWO32 = 4294967296;

/** Which rows have a value: a bit a row, the lowest first, as Arrow has it. */
abstract class Present {
  readonly name: string;
  readonly nullable: boolean;
  readonly present: Uint8Array;

  constructor({ name, nullable }: ColumnHead, size: number) {
    this.name = name;
    this.nullable = nullable === true;
    this.present = new Uint8Array(this.nullable ? (size + 7) >> 3 : 0);
  }

  protected mark(row: number): void {
    if (this.nullable) this.present[row >> 3]! |= 1 << (row & 7);
  }

  has(row: number): boolean {
    return !this.nullable || (this.present[row >> 3]! & (1 << (row & 7))) !== 0;
  }

  nulls(rows: number): number {
    if (!this.nullable) return 0;
    let there = 0;
    for (let row = 0; row < rows; row++) if (this.has(row)) there++;
    return rows - there;
  }

  clear(): void {
    this.present.fill(0);
  }
}

/** Numbers of up to 32 bits with a sign. */
export class Int32Column extends Present {
  readonly type = "int32";
  readonly values: Int32Array<ArrayBuffer>;

  constructor(head: ColumnHead, size: number) {
    super(head, size);
    this.values = new Int32Array(size);
  }

  put(row: number, value: number): void {
    this.values[row] = value;
    this.mark(row);
  }
}

/** Numbers of 64 bits; put in halves, none is a bigint on its way. */
export class WideColumn extends Present {
  readonly values: BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>;
  private readonly words: Int32Array;

  constructor(
    head: ColumnHead,
    readonly type: "int64" | "uint64",
    size: number,
  ) {
    super(head, size);
    const memory = new ArrayBuffer(size * 8);
    this.values = type === "int64" ? new BigInt64Array(memory) : new BigUint64Array(memory);
    this.words = new Int32Array(memory);
  }

  /** A whole number within 2^53. */
  put(row: number, value: number): void {
    this.halves(row, Math.floor(value / TWO32), value);
  }

  halves(row: number, hi: number, lo: number): void {
    this.words[row * 2 + LOW] = lo;
    this.words[row * 2 + 1 - LOW] = hi;
    this.mark(row);
  }

  /** What goes beyond 64 bits wraps. */
  exact(row: number, value: bigint): void {
    this.values[row] = value;
    this.mark(row);
  }
}

/** Where the low half of a number lies on this machine. */
const LOW = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;

/** Text of which there are few: names. */
export class WordColumn extends Present {
  readonly type = "word";
  readonly values: string[];
  /** What was decoded before. */
  private readonly decoded = new Map<string, string>();

  constructor(head: ColumnHead, size: number) {
    super(head, size);
    this.values = new Array<string>(size).fill("");
  }

  /** @param text one character a byte */
  put(row: number, text: string): void {
    let word = this.decoded.get(text);
    if (word === undefined) {
      if (this.decoded.size >= MAX_WORDS) this.decoded.clear();
      word = decodeLatin1(text);
      this.decoded.set(text, word);
    }
    this.values[row] = word;
    this.mark(row);
  }
}

const MAX_WORDS = 65_536;

/** Text of which every row has its own: UTF-8, one behind the other. */
export class TextColumn extends Present {
  readonly type = "text";
  readonly ends: Int32Array<ArrayBuffer>;
  private sink = new TextSink(256 * 1024);
  private written: Buffer | undefined;
  private rows = 0;

  constructor(head: ColumnHead, size: number) {
    super(head, size);
    // The first row begins at 0.
    this.ends = new Int32Array(size + 1);
  }

  /** Where the text of the next row is to be written, one character a byte; put() then says that it is. */
  begin(): TextSink {
    return this.sink;
  }

  /** @param from where the sink stood */
  put(row: number, from: number): void {
    const { sink } = this;
    // What is no UTF-8 becomes it.
    if (!sink.asciiSince(from)) sink.replace(from, encodeLatin1(decodeLatin1(sink.string(from))));
    this.putUtf8(row);
  }

  /** The same for what is UTF-8. */
  putUtf8(row: number): void {
    const { sink } = this;
    this.skip(row);
    this.ends[row + 1] = sink.at;
    this.rows = row + 1;
    this.mark(row);
  }

  /** Rows before that have none are empty. */
  private skip(row: number): void {
    for (; this.rows < row; this.rows++) this.ends[this.rows + 1] = this.ends[this.rows]!;
  }

  get size(): number {
    return this.sink.at;
  }

  /** The bytes of so many rows. */
  bytes(rows: number): Buffer {
    this.skip(rows);
    this.written ??= this.sink.take();
    return this.written;
  }

  override clear(): void {
    super.clear();
    this.sink.at = 0;
    this.written = undefined;
    this.rows = 0;
  }
}
