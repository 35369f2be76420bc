import type { Abi } from "../ground/abi.js";
import type { EventFormat } from "../system/formats/parse-format.js";
import type { PlacedMemory } from "../system/symbols/kernel-text.js";
import type { RecordBytes } from "./field-access.js";
import { fieldPlans } from "./fields.js";

const TWO_TO_32 = 0x100000000;

/** What is known of the writing kernel, but not for certain. */
export interface Uncertain {
  /** Numbers of events that may be another event's. */
  readonly doubtful?: ReadonlySet<number> | undefined;
  /** Memory whose place is inferred. */
  readonly placed?: readonly PlacedMemory[] | undefined;
  readonly formats: ReadonlyMap<number, EventFormat>;
}

interface WordField {
  readonly key: string;
  readonly offset: number;
}

/** Which events, and which of their values, may be something else because of what is not certain of the writing kernel. */
export class WriterDoubts {
  private readonly numbers: ReadonlySet<number> | undefined;
  private readonly ranges: readonly { readonly hi: number; readonly lo: number; readonly size: number }[];
  private readonly formats: ReadonlyMap<number, EventFormat>;
  /** By the number of their event. */
  private readonly words = new Map<number, readonly WordField[]>();

  constructor(
    { doubtful, placed = [], formats }: Uncertain,
    private readonly abi: Abi,
  ) {
    this.numbers = doubtful;
    this.formats = formats;
    this.ranges = placed.map(({ address, size }) => ({
      hi: Number(address >> 32n),
      lo: Number(address & 0xffffffffn),
      size,
    }));
  }

  /** Whether there is an event whose number may be another's. */
  get ofAnyNumber(): boolean {
    return this.numbers !== undefined && this.numbers.size > 0;
  }

  /** Whether there is memory whose place is inferred. */
  get ofAnyValue(): boolean {
    return this.ranges.length > 0;
  }

  /** Whether the number of an event may be another event's. */
  ofNumber(type: number): boolean {
    return this.numbers?.has(type) === true;
  }

  /** Whether what an address stands for is read from memory whose place is inferred. */
  ofAddress(hi: number, lo: number): boolean {
    for (const range of this.ranges) {
      const delta = ((hi >>> 0) - range.hi) * TWO_TO_32 + ((lo >>> 0) - range.lo);
      if (delta >= 0 && delta < range.size) return true;
    }
    return false;
  }

  /** The fields of an event that are such addresses; undefined where none is. */
  ofValues(event: RecordBytes, type: number): readonly string[] | undefined {
    if (this.ranges.length === 0) return undefined;
    let found: string[] | undefined;
    for (const { key, offset } of this.wordsOf(type)) {
      if (offset + this.abi.longSize > event.dataSize || !this.isDoubted(event, offset)) continue;
      found ??= [];
      found.push(key);
    }
    return found;
  }

  private isDoubted({ view, data }: RecordBytes, offset: number): boolean {
    const { littleEndian, longSize } = this.abi;
    const at = data + offset;
    if (longSize === 4) return this.ofAddress(0, view.getUint32(at, littleEndian));
    const first = view.getUint32(at, littleEndian);
    const second = view.getUint32(at + 4, littleEndian);
    return littleEndian ? this.ofAddress(second, first) : this.ofAddress(first, second);
  }

  private wordsOf(type: number): readonly WordField[] {
    let words = this.words.get(type);
    if (words === undefined) {
      const format = this.formats.get(type);
      words = format === undefined ? [] : wordFields(format, this.abi);
      this.words.set(type, words);
    }
    return words;
  }
}

/** The fields that addresses can stand in. */
export function wordFields(format: EventFormat, { littleEndian, longSize }: Abi): WordField[] {
  return fieldPlans(format, littleEndian)
    .filter(({ kind, size, signed }) => size === longSize && (kind === "pointer" || (kind === "number" && !signed)))
    .map(({ key, offset }) => ({ key, offset }));
}
