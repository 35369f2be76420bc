import type { CpuArea } from "../image/cpu-area.js";
import { SubbufHeader } from "../ring/subbuf.js";
import type { RecordDamage, Records } from "./walk.js";

/** A number for each: 0 stands for none. */
const DAMAGES: readonly (RecordDamage | undefined)[] = [
  undefined,
  "record-bad-length",
  "record-truncated",
  "record-no-event",
  "record-time-backwards",
];

/**
 * What was found of a CPU's sub-buffers one by one, by physical index: a column a fact. A large area has hundreds of
 * thousands; with objects for each, collecting garbage would take longer than walking the records.
 */
export class SubbufTable {
  /** Time stamps as stored. */
  readonly times: BigUint64Array;
  private readonly commitHi: Uint32Array;
  private readonly commitLo: Uint32Array;
  /** Few pages have one. */
  private readonly missedCounts = new Map<number, bigint>();
  readonly events: Uint32Array;
  readonly paddings: Uint32Array;
  readonly timeExtends: Uint32Array;
  readonly timeStamps: Uint32Array;
  readonly end: Uint32Array;
  readonly first: Float64Array;
  readonly last: Float64Array;
  readonly full: Uint8Array;
  readonly damage: Uint8Array;
  /** The image ends before it does. */
  readonly cutOff: Uint8Array;

  /**
   * @param start where records begin in each
   * @param commit the id of the one that the writer was on
   */
  constructor(
    readonly cpu: CpuArea,
    readonly start: number,
    readonly commit: number | undefined,
  ) {
    const { nrSubbufs } = cpu;
    const words = (): Uint32Array => new Uint32Array(nrSubbufs);
    this.times = new BigUint64Array(nrSubbufs);
    this.commitHi = words();
    this.commitLo = words();
    this.events = words();
    this.paddings = words();
    this.timeExtends = words();
    this.timeStamps = words();
    this.end = words().fill(start);
    this.first = new Float64Array(nrSubbufs);
    this.last = new Float64Array(nrSubbufs);
    this.full = new Uint8Array(nrSubbufs);
    this.damage = new Uint8Array(nrSubbufs);
    this.cutOff = new Uint8Array(nrSubbufs);
  }

  header(index: number): SubbufHeader {
    return new SubbufHeader(
      this.times[index]!,
      this.commitHi[index]!,
      this.commitLo[index]!,
      this.missedCounts.get(index),
    );
  }

  setHeader(index: number, { timeStamp, commitHi, commitLo, missedCount }: SubbufHeader): void {
    this.times[index] = timeStamp;
    this.commitHi[index] = commitHi;
    this.commitLo[index] = commitLo;
    if (missedCount !== undefined) this.missedCounts.set(index, missedCount);
  }

  records(index: number): Records {
    return new RecordsAt(this, index);
  }

  setRecords(index: number, records: Records): void {
    this.events[index] = records.events;
    this.paddings[index] = records.paddings;
    this.timeExtends[index] = records.timeExtends;
    this.timeStamps[index] = records.timeStamps;
    this.end[index] = records.end;
    this.first[index] = records.first;
    this.last[index] = records.last;
    this.full[index] = records.full ? 1 : 0;
    this.damage[index] = DAMAGES.indexOf(records.damage);
  }

  /** It is looked at again. */
  forget(index: number): void {
    if (this.events[index]! > 0) this.setRecords(index, { ...NO_RECORDS, start: this.start, end: this.start });
  }

  damageOf(index: number): RecordDamage | undefined {
    return DAMAGES[this.damage[index]!];
  }
}

const NO_RECORDS = {
  events: 0,
  paddings: 0,
  timeExtends: 0,
  timeStamps: 0,
  first: 0,
  last: 0,
  full: false,
  damage: undefined,
} as const;

/** The records of one sub-buffer, in the table. */
class RecordsAt implements Records {
  constructor(
    private readonly table: SubbufTable,
    private readonly index: number,
  ) {}

  get events(): number {
    return this.table.events[this.index]!;
  }

  get paddings(): number {
    return this.table.paddings[this.index]!;
  }

  get timeExtends(): number {
    return this.table.timeExtends[this.index]!;
  }

  get timeStamps(): number {
    return this.table.timeStamps[this.index]!;
  }

  get start(): number {
    return this.table.start;
  }

  get end(): number {
    return this.table.end[this.index]!;
  }

  get first(): number {
    return this.table.first[this.index]!;
  }

  get last(): number {
    return this.table.last[this.index]!;
  }

  get full(): boolean {
    return this.table.full[this.index] === 1;
  }

  get damage(): RecordDamage | undefined {
    return this.table.damageOf(this.index);
  }
}
