import type { CpuArea } from "../image/cpu-area.js";
import { SubbufHeader } from "../ring/subbuf.js";
import { EVIDENCES, type Evidence, type Repair } from "./evidence.js";
import { ROLES, type Role, type WriterOrder } from "./order.js";
import type { Stretch } from "./stretch.js";
import type { RecordDamage, Records } from "./walk.js";

/** In place of a role, where the writer's pointers lead past a sub-buffer. */
const NOT_PLACED = 0xff;

/** A number for each: 0 stands for none. */
const DAMAGES: readonly (RecordDamage | undefined)[] = [
  undefined,
  "record-bad-length",
  "record-truncated",
  "record-no-event",
  "record-time-backwards",
];

/** What is so or not: a bit each. */
export const Flag = {
  /** Its records end as a writer leaves a full sub-buffer. */
  Full: 1,
  /** The image ends before it does. */
  CutOff: 2,
  /** The time stamp is its own. */
  Anchored: 4,
  LostAfter: 8,
  Torn: 16,
  Believed: 32,
  /** Something is missing before it. */
  BehindLoss: 64,
  /** The clock went back in it. */
  WentBack: 128,
} as const;
export type Flag = (typeof Flag)[keyof typeof Flag];

/** What few sub-buffers have. */
export interface Rare {
  readonly missedCounts: Map<number, bigint>;
  /** Times that were found for those whose own is not believed. */
  readonly times: Map<number, bigint>;
  readonly repairs: Map<number, readonly Repair[]>;
  /** What is believed of it, where that is not all from its first record on. */
  readonly pieces: Map<number, readonly Stretch[]>;
}

function noneRare(): Rare {
  return { missedCounts: new Map(), times: new Map(), repairs: new Map(), pieces: new Map() };
}

/** All that a table holds, as plain data: the columns are shared between threads, the rest is copied. */
export interface TableContents {
  /** Where records begin in each sub-buffer. */
  readonly start: number;
  /** The id of the one that the writer was on. */
  readonly commit: number | undefined;
  readonly columns: SharedArrayBuffer;
  readonly rare: Rare;
}

/** Bytes that all columns take for one sub-buffer. */
const WIDTH = 3 * 8 + 7 * 4 + 4;

/**
 * What was found of a CPU's sub-buffers one by one, by physical index: a column a fact. A large area has hundreds of
 * thousands; with objects for each, collecting garbage would take longer than walking the records.
 */
export class SubbufTable {
  /** Time stamps as stored. */
  readonly times: BigUint64Array;
  readonly first: Float64Array;
  readonly last: Float64Array;
  private readonly commitHi: Uint32Array;
  private readonly commitLo: Uint32Array;
  readonly events: Uint32Array;
  readonly paddings: Uint32Array;
  readonly timeExtends: Uint32Array;
  readonly timeStamps: Uint32Array;
  readonly end: Uint32Array;
  private readonly damages: Uint8Array;
  private readonly roles: Uint8Array;
  private readonly evidences: Uint8Array;
  private readonly flags: Uint8Array;

  constructor(
    readonly cpu: CpuArea,
    readonly contents: TableContents,
  ) {
    const { nrSubbufs: count } = cpu;
    const { columns } = contents;
    let at = 0;
    const next = (width: number): number => {
      at += width * count;
      return at - width * count;
    };
    const words = (): Uint32Array => new Uint32Array(columns, next(4), count);
    const bytes = (): Uint8Array => new Uint8Array(columns, next(1), count);
    this.times = new BigUint64Array(columns, next(8), count);
    this.first = new Float64Array(columns, next(8), count);
    this.last = new Float64Array(columns, next(8), count);
    this.commitHi = words();
    this.commitLo = words();
    this.events = words();
    this.paddings = words();
    this.timeExtends = words();
    this.timeStamps = words();
    this.end = words();
    this.damages = bytes();
    this.roles = bytes();
    this.evidences = bytes();
    this.flags = bytes();
  }

  /** Of a CPU that is to be read. @param start where records begin in each sub-buffer */
  static of(cpu: CpuArea, { ids, roles, commit }: WriterOrder, start: number): SubbufTable {
    const columns = new SharedArrayBuffer(WIDTH * cpu.nrSubbufs);
    const table = new SubbufTable(cpu, { start, commit, columns, rare: noneRare() });
    table.end.fill(start);
    table.roles.fill(NOT_PLACED);
    for (let i = 0; i < ids.length; i++) table.roles[cpu.indexById[ids[i]!]!] = roles[i]!;
    return table;
  }

  /** The same columns, and nothing rare yet: for a thread that walks a part, and tells what few of its sub-buffers have. */
  static part(cpu: CpuArea, contents: TableContents): SubbufTable {
    return new SubbufTable(cpu, { ...contents, rare: noneRare() });
  }

  /** Takes over what was noted of sub-buffers of which this table has nothing yet. */
  adopt({ missedCounts, times, repairs, pieces }: Rare): void {
    const { rare } = this;
    for (const [index, count] of missedCounts) rare.missedCounts.set(index, count);
    for (const [index, time] of times) rare.times.set(index, time);
    for (const [index, repair] of repairs) rare.repairs.set(index, repair);
    for (const [index, piece] of pieces) rare.pieces.set(index, piece);
  }

  get start(): number {
    return this.contents.start;
  }

  get rare(): Rare {
    return this.contents.rare;
  }

  /** Begins with a sub-buffer, or looks at it again: what was made of it is forgotten. */
  begin(index: number, role: Role): void {
    this.setRole(index, role);
    this.setEvidence(index, "empty");
    if (this.events[index]! > 0) this.setRecords(index, { ...NO_RECORDS, start: this.start, end: this.start });
    this.flags[index] = 0;
    this.rare.repairs.delete(index);
  }

  header(index: number): SubbufHeader {
    return new SubbufHeader(
      this.times[index]!,
      this.commitHi[index]!,
      this.commitLo[index]!,
      this.rare.missedCounts.get(index),
    );
  }

  setHeader(index: number, { timeStamp, commitHi, commitLo, missedCount }: SubbufHeader): void {
    this.times[index] = timeStamp;
    this.commitHi[index] = commitHi;
    this.commitLo[index] = commitLo;
    this.set(index, Flag.Anchored, timeStamp !== 0n);
    if (missedCount !== undefined) this.rare.missedCounts.set(index, missedCount);
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
    this.set(index, Flag.Full, records.full);
    this.damages[index] = DAMAGES.indexOf(records.damage);
  }

  damageOf(index: number): RecordDamage | undefined {
    return DAMAGES[this.damages[index]!];
  }

  /** The writer's pointers lead to it. */
  isPlaced(index: number): boolean {
    return this.roles[index] !== NOT_PLACED;
  }

  role(index: number): Role {
    return ROLES[this.roles[index]!]!;
  }

  setRole(index: number, role: Role): void {
    this.roles[index] = ROLES.indexOf(role);
  }

  evidence(index: number): Evidence {
    return EVIDENCES[this.evidences[index]!]!;
  }

  setEvidence(index: number, evidence: Evidence): void {
    this.evidences[index] = EVIDENCES.indexOf(evidence);
  }

  is(index: number, flag: Flag): boolean {
    return (this.flags[index]! & flag) !== 0;
  }

  set(index: number, flag: Flag, value: boolean): void {
    this.flags[index] = value ? this.flags[index]! | flag : this.flags[index]! & ~flag;
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
    return this.table.is(this.index, Flag.Full);
  }

  get damage(): RecordDamage | undefined {
    return this.table.damageOf(this.index);
  }
}
