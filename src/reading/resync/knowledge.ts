import { RecordCursor, RecordKind } from "../../ring/records.js";
import { TRACE_ENTRY_SIZE } from "../../ring/structs.js";
import { Neighbour, Neighbours, tellsOf } from "./neighbours.js";
import { BehindBreak, isTask, plausibleTo } from "./plausible.js";
import { Steps } from "./steps.js";
import { isZero, LINE, lineOf } from "./words.js";

/** Records that were believed, and whether they follow a break. */
interface LearntRun {
  readonly start: number;
  readonly end: number;
  readonly breakBefore: number | undefined;
  readonly doubts: readonly unknown[];
}

/** Event ids are a u16, and so are flags and preempt_count together. */
const U16 = 0x10000;
/** Distinct payload lengths kept of one event id, distinct pids kept of all: more are not told apart. */
const MAX_LENGTHS = 256;
const MAX_PIDS = 1 << 16;
/** Ids that get a row of their own; the kernels with the most events have some thousand. */
const MAX_TYPES = 8192;
/** Payloads up to here have their length in type_len (RB_MAX_SMALL_DATA). */
const MAX_SHORT = 112;
/** Bins of time deltas: their bits, 0 to 27. */
const DELTA_BINS = 28;

/** What a value is worth for being one that occurs: the logarithm of how many there might be in its place. */
const TYPE_NOISE = 8.3;
const CONTEXT_NOISE = 4.2;
const PID_NOISE = 9;
const LENGTH_NOISE = 3.5;
const DELTA_NOISE = 3.3;
const PADDING_NOISE = 4;
const EXTEND_NOISE = 6;
const STAMP_NOISE = 10;
/** How often something new is met at most, however little was learnt. */
const MAX_FRESH = 0.05;
/** Lengths that a new one is shared among. */
const NEW_LENGTHS = 32;

/** What an event begins with. */
export interface EventHead {
  /** common_type, common_pid; flags | preempt_count << 8 */
  readonly type: number;
  readonly pid: number;
  readonly context: number;
  /** Bytes of its payload; whether its length is in a word of its own. */
  readonly size: number;
  readonly long: boolean;
}

/** With more lines of zeros for each that is lost otherwise, lines were cleared. */
const MAX_CLEARED = 30;
/** What is longer than so many lines was overwritten. */
const RANGE = 8 * LINE;

/** No kernel writes such a record. */
export const IMPOSSIBLE = -1000;

/** What the sound records of one event id look like. */
class TypeRow {
  count = 0;
  readonly lengths = new Map<number, number>();
  /** Weights of the id, of each length, and of a length that was not seen. */
  weight = 0;
  readonly lengthWeights = new Map<number, number>();
  newLength = 0;
}

/**
 * What an image says of its own records: how often which event id, length, flags, pid and time delta occurs, and in which
 * task the event behind one runs. Learnt from pages whose records can be believed; what a torn page holds is weighed by it.
 * Weights are natural logarithms of how much likelier a value is in a record than in bytes that are none.
 */
export class Knowledge {
  /** Events learnt from. */
  events = 0;
  private records = 0;
  private paddings = 0;
  private extends = 0;
  private stamps = 0;
  /** Events of up to 112 bytes whose length is in a word of its own: all of them on a machine with 64-bit alignment. */
  private longForms = 0;
  private shortForms = 0;
  private contexts = 0;
  private breaks = 0;
  private cleared = 0;
  private lines = 0;
  readonly neighbours = new Neighbours();
  private readonly steps = new Steps();
  private readonly rows: TypeRow[] = [];
  private readonly rowOf = new Int16Array(U16).fill(-1);
  private readonly pids = new Map<number, number>();
  private readonly context = new Uint32Array(U16);
  private readonly deltas = new Uint32Array(DELTA_BINS);

  private settled = false;
  private readonly contextWeight = new Float32Array(U16);
  private readonly deltaWeight = new Float64Array(DELTA_BINS);
  private readonly pidWeights = new Map<number, number>();
  private newType = 0;
  private newPid = 0;
  private longForm = 0;
  private shortForm = 0;
  /** How often a line is an older moment's and is seen by nothing: its records begin and end where the newer ones did. */
  silentRate = 0;
  /** Weights of the other kinds of record. */
  padding = 0;
  extend = 0;
  stamp = 0;

  /** Learns from the records between `start` and `end`; where they cannot be walked, from those well before that. */
  learn(view: DataView, littleEndian: boolean, start: number, end: number): void {
    const cursor = new RecordCursor(view, littleEndian);
    const breaksOff = plausibleTo(cursor, start, end);
    const isBroken = breaksOff < end;
    this.learnSound(cursor, start, isBroken ? breaksOff - 2 * LINE : end);
    const { position } = cursor;
    this.lines += (position - start) / LINE;
    if (!isBroken) return;
    // Up to the end of the page: nobody told where the records end.
    if (end < view.byteLength) this.learnGap(view, position, Math.min(end, position + 2 * LINE));
    this.learnBehind(cursor, breaksOff, end);
  }

  /** Learns from what follows each other behind a break. */
  private learnBehind(cursor: RecordCursor, breaksOff: number, end: number): void {
    const behind = new BehindBreak(cursor, breaksOff, end);
    for (let run = behind.runFrom(breaksOff); run !== undefined; run = behind.runFrom(run.end))
      this.learnSound(cursor, run.start, run.end < end ? run.end - 2 * LINE : end);
  }

  /** Learns from a page that was explained: from its runs, but for what is next to a break. */
  learnRuns(view: DataView, littleEndian: boolean, runs: readonly LearntRun[]): void {
    const cursor = new RecordCursor(view, littleEndian);
    runs.forEach(({ start, end, doubts, breakBefore }, k) => {
      this.lines += (end - start) / LINE;
      if (breakBefore !== undefined && breakBefore < start) this.learnGap(view, breakBefore, start);
      if (doubts.length > 1) return;
      const broken = k + 1 < runs.length && runs[k + 1]!.breakBefore !== undefined;
      this.learnSound(cursor, start, broken ? end - 2 * LINE : end);
    });
  }

  private learnGap(view: DataView, start: number, end: number): void {
    if (end - start >= RANGE) return;
    if (isCleared(view, start, end)) this.cleared++;
    else this.breaks++;
  }

  private learnSound(cursor: RecordCursor, start: number, end: number): void {
    this.settled = false;
    cursor.open(start, end, 0, 0);
    this.steps.open();
    let before = new Neighbour();
    let event = new Neighbour();
    let first = true;
    let extended = false;
    while (cursor.next()) {
      this.records++;
      if (cursor.kind !== RecordKind.Data) {
        if (cursor.kind === RecordKind.Padding) this.paddings++;
        else if (cursor.kind === RecordKind.TimeExtend) this.extends++;
        else this.stamps++;
        extended = cursor.kind !== RecordKind.Padding;
        continue;
      }
      const { offset, dataOffset, dataLength } = cursor;
      if (dataLength < TRACE_ENTRY_SIZE) continue;
      if (!extended && offset !== start) this.deltas[deltaBin(cursor.timeDelta)]!++;
      extended = false;
      event.read(cursor, offset, dataOffset, cursor.position);
      this.addRecord(event, dataLength, dataOffset - offset > 4);
      this.neighbours.learn(event);
      if (!first) {
        const told = tellsOf(cursor, before, event.pid);
        this.neighbours.learnPair(before, event, told, told && tellsOf(cursor, before, before.pid));
      }
      first = false;
      this.steps.learn(offset);
      [before, event] = [event, before];
    }
  }

  private addRecord({ type, context, pid }: Neighbour, length: number, long: boolean): void {
    this.events++;
    if (length <= MAX_SHORT) {
      if (long) this.longForms++;
      else this.shortForms++;
    }
    if (this.context[context]!++ === 0) this.contexts++;
    count(this.pids, pid, MAX_PIDS);
    let row = this.rows[this.rowOf[type]!];
    if (row === undefined && this.rows.length < MAX_TYPES) {
      row = new TypeRow();
      this.rowOf[type] = this.rows.length;
      this.rows.push(row);
    }
    if (row === undefined) return;
    row.count++;
    count(row.lengths, length, MAX_LENGTHS);
  }

  /**
   * How often a line is an older moment's, going by those that are no neighbours of the line before. Lines of zeros are
   * such, too, if there are others: memory that nobody had written before.
   */
  get staleRate(): number {
    const cleared = this.cleared < MAX_CLEARED * this.breaks ? this.cleared : 0;
    return (this.breaks + cleared) / (this.lines + 1);
  }

  /** Turns the counts into weights, once what there is to learn is learnt. */
  settle(): void {
    if (this.settled) return;
    this.settled = true;
    const total = this.events + 1;
    // What was never seen is about as likely as what was seen once, shared among all that it might be.
    const fresh = (seen: number): number => Math.log(Math.min(MAX_FRESH, seen / total)) - 1;
    this.newType = fresh(1);
    this.newPid = fresh(this.pids.size + 1);
    for (const row of this.rows) {
      row.weight = Math.log(row.count / total) + TYPE_NOISE;
      row.newLength = Math.log(row.lengths.size / (row.count + 1) / NEW_LENGTHS) + LENGTH_NOISE;
      for (const [length, seen] of row.lengths)
        row.lengthWeights.set(length, Math.log(seen / row.count) + LENGTH_NOISE);
    }
    for (const [pid, seen] of this.pids) this.pidWeights.set(pid, Math.log(seen / total) + PID_NOISE);
    const newContext = fresh(this.contexts + 1);
    for (let k = 0; k < U16; k++) {
      const seen = this.context[k]!;
      this.contextWeight[k] = seen > 0 ? Math.log(seen / total) + CONTEXT_NOISE : newContext;
    }
    for (let k = 0; k < DELTA_BINS; k++)
      this.deltaWeight[k] = Math.log((this.deltas[k]! + 1) / (this.events + DELTA_BINS)) + DELTA_NOISE;
    const forms = this.longForms + this.shortForms + 0.2;
    this.longForm = Math.log((this.longForms + 0.1) / forms);
    this.shortForm = Math.log((this.shortForms + 0.1) / forms);
    const { alike } = this.steps;
    this.silentRate = alike < 1 ? (this.staleRate * alike) / (1 - alike) : 0;
    const records = this.records + 1;
    this.padding = Math.log((this.paddings + 0.5) / records) + PADDING_NOISE;
    this.extend = Math.log((this.extends + 0.5) / records) + EXTEND_NOISE;
    this.stamp = Math.log((this.stamps + 0.5) / records) + STAMP_NOISE;
  }

  knowsType(type: number): boolean {
    return this.rowOf[type]! >= 0;
  }

  knowsTask(pid: number): boolean {
    return this.pids.has(pid);
  }

  /** Whether an event that it has learnt from is the only one of its type, or of its task. */
  isLikeNoOther(type: number, pid: number): boolean {
    return (this.rows[this.rowOf[type]!]?.count ?? 0) < 2 || (this.pids.get(pid) ?? 0) < 2;
  }

  /** The weight of an event that begins so. */
  event({ type, size, context, pid, long }: EventHead): number {
    if (!isTask(pid)) return IMPOSSIBLE;
    if (!long && size > MAX_SHORT) return IMPOSSIBLE;
    const row = this.rows[this.rowOf[type]!];
    let weight = row === undefined ? this.newType : row.weight + (row.lengthWeights.get(size) ?? row.newLength);
    weight += this.contextWeight[context]! + (this.pidWeights.get(pid) ?? this.newPid);
    if (size <= MAX_SHORT) weight += long ? this.longForm : this.shortForm;
    return weight;
  }

  /** The weight of an event's time delta. */
  delta(delta: number): number {
    return this.deltaWeight[deltaBin(delta)]!;
  }
}

/** Counts `key`, while no more than `limit` different ones are kept. */
function count(counts: Map<number, number>, key: number, limit: number): void {
  const seen = counts.get(key);
  if (seen !== undefined || counts.size < limit) counts.set(key, (seen ?? 0) + 1);
}

/** The bits of a delta. */
function deltaBin(delta: number): number {
  return 32 - Math.clz32(delta);
}

/** Whether bytes that are no records begin or lie in a line of zeros. */
function isCleared(view: DataView, start: number, end: number): boolean {
  for (let at = lineOf(start) * LINE; at < end; at += LINE) if (isZero(view, at, at + LINE)) return true;
  return false;
}
