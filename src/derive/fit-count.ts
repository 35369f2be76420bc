import type { RecordBytes } from "../events/field-access.js";
import type { EventPage } from "../events/page.js";
import { ANY_SIZE, PassedByType, RecordCursor, RecordKind } from "../ring/records.js";
import type { EventFormat } from "../system/formats/parse-format.js";
import type { SyscallNames } from "../system/syscalls/names.js";
import { CallNumbers } from "./call-numbers.js";
import { type Shape, shapeOf } from "./fit-shape.js";

/** Of each type, records whose fields are looked into. */
const MOST_LOOKED_INTO = 256;
/**
 * Damage makes single records misfit, formats of another build all records of a type: such a type contradicts. Right
 * formats have none; of records torn apart, few look like a type's at all.
 */
const OF_A_TYPE = 0.5;

/** What types records may have that no format tells. */
export interface KnownTypes {
  /** Whether ftrace's own layouts tell a type. */
  known(type: number): boolean;
  /** Of the architecture; asked only where system calls have events of their own. */
  syscalls(): SyscallNames;
}

/** Counts records by whether they are as their formats say. */
export class FitCount {
  private readonly byType = new Map<number, TypeCount>();
  private readonly calls: CallNumbers;
  /** Of types that have been looked into enough: the sizes that fit. */
  private readonly passed = new PassedByType();
  private seen = 0;

  constructor(
    readonly formats: ReadonlyMap<number, EventFormat>,
    private readonly others: KnownTypes,
  ) {
    this.calls = new CallNumbers(() => others.syscalls(), formats);
  }

  /** The records of a page, all of them sound. */
  page({ bytes: { view, abi }, start, size }: EventPage): void {
    const record = { view, data: 0, dataSize: 0 };
    const cursor = new RecordCursor(view, abi.littleEndian);
    cursor.open(start, start + size, 0, 0);
    while (cursor.next()) {
      if (cursor.kind !== RecordKind.Data) continue;
      record.data = cursor.dataOffset;
      record.dataSize = cursor.dataLength;
      this.record(record, abi.littleEndian);
      this.seen += cursor.passSized(this.passed);
    }
  }

  record(record: RecordBytes, littleEndian: boolean): void {
    const { view, data, dataSize } = record;
    this.seen++;
    const type = dataSize < 2 ? -1 : view.getUint16(data, littleEndian);
    const count = this.ofType(type);
    count.looked++;
    const { shape } = count;
    if (shape === undefined) return;
    if (dataSize < shape.least) count.short++;
    else if (dataSize > shape.most) count.long++;
    else if (count.lookedInto < MOST_LOOKED_INTO && shape.checks.length > 0)
      count.lookInto(shape, record, littleEndian);
    else {
      count.fitted++;
      this.passed.least[type] = Math.min(shape.least, ANY_SIZE);
      this.passed.most[type] = Math.min(shape.most, ANY_SIZE);
    }
  }

  get records(): number {
    return this.seen;
  }

  /** Those that occur. */
  get types(): ReadonlyMap<number, TypeCount> {
    return this.byType;
  }

  private ofType(type: number): TypeCount {
    let count = this.byType.get(type);
    if (count === undefined) {
      const shape = shapeOf(this.formats.get(type), this.others.known(type), this.calls);
      count = new TypeCount(shape, () => this.passed.counts[type] ?? 0);
      this.byType.set(type, count);
    }
    return count;
  }
}

/** The records of a type. */
export class TypeCount {
  /** Those that were looked at one by one, and of these the ones that fit. */
  looked = 0;
  fitted = 0;
  short = 0;
  long = 0;
  odd = 0;
  weaklyOdd = 0;
  lookedInto = 0;
  field: string | undefined;

  /** @param passed how many more there are, of sizes that fit */
  constructor(
    readonly shape: Shape | undefined,
    private readonly passed: () => number,
  ) {}

  get records(): number {
    return this.looked + this.passed();
  }

  get fitting(): number {
    return this.fitted + this.passed();
  }

  lookInto({ checks }: Shape, { view, data, dataSize }: RecordBytes, littleEndian: boolean): void {
    const failed = checks.find((check) => !check.holds(view, data, dataSize, littleEndian));
    this.lookedInto++;
    if (failed === undefined) this.fitted++;
    else {
      if (failed.weak) this.weaklyOdd++;
      else this.odd++;
      this.field ??= failed.field;
    }
  }

  get contradicts(): boolean {
    return this.short + this.long > this.records * OF_A_TYPE || this.odd > this.lookedInto * OF_A_TYPE;
  }

  get isOdd(): boolean {
    return this.odd + this.weaklyOdd > this.lookedInto * OF_A_TYPE;
  }
}
