import { RecordCursor, RecordKind } from "../../ring/records.js";
import { COMMON_SIZE, holdsPid, LINE, lineOf } from "./words.js";

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
/** PID_MAX_LIMIT (include/linux/threads.h, 64-bit). */
const PID_MAX = 4 << 20;
/** Payloads up to here have their length in type_len (RB_MAX_SMALL_DATA). */
const MAX_SHORT = 112;
/** Bins of time deltas: their bits, 0 to 27. */
const DELTA_BINS = 28;
/** Fewer events of an id do not tell in which task the next one runs. */
const MIN_FOLLOWED = 20;

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

/** No kernel writes such a record. */
export const IMPOSSIBLE = -1000;

/** What the sound records of one event id look like. */
class TypeRow {
  count = 0;
  readonly lengths = new Map<number, number>();
  /** Events behind one of this id, and how many of those ran in another task. */
  followed = 0;
  switched = 0;
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
  private readonly rows: TypeRow[] = [];
  private readonly rowOf = new Int16Array(U16).fill(-1);
  private readonly pids = new Map<number, number>();
  private readonly context = new Uint32Array(U16);
  private readonly deltas = new Uint32Array(DELTA_BINS);

  /** The event that is being learnt from. */
  private readonly head = { type: 0, pid: 0, context: 0, size: 0, long: false };

  private settled = false;
  private readonly contextWeight = new Float32Array(U16);
  private readonly deltaWeight = new Float64Array(DELTA_BINS);
  private readonly pidWeights = new Map<number, number>();
  private newType = 0;
  private newPid = 0;
  private longForm = 0;
  private shortForm = 0;
  /** Weights of the other kinds of record. */
  padding = 0;
  extend = 0;
  stamp = 0;

  /** Learns from the records between `start` and `end`; where they cannot be walked, from those well before that. */
  learn(view: DataView, littleEndian: boolean, start: number, end: number): void {
    const cursor = new RecordCursor(view, littleEndian);
    cursor.open(start, end, 0, 0);
    while (cursor.next());
    this.learnSound(cursor, start, cursor.damage === undefined ? end : cursor.offset - 2 * LINE);
  }

  /** Learns from a page that was explained: from its runs, but for what is next to a break. */
  learnRuns(view: DataView, littleEndian: boolean, runs: readonly LearntRun[]): void {
    const cursor = new RecordCursor(view, littleEndian);
    runs.forEach(({ start, end, doubts }, k) => {
      if (doubts.length > 1) return;
      const broken = k + 1 < runs.length && runs[k + 1]!.breakBefore !== undefined;
      this.learnSound(cursor, start, broken ? end - 2 * LINE : end);
    });
  }

  private learnSound(cursor: RecordCursor, start: number, end: number): void {
    this.settled = false;
    cursor.open(start, end, 0, 0);
    const { view, littleEndian } = cursor;
    const tasks = new TaskWatch(cursor);
    const { head } = this;
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
      const { dataOffset: at, dataLength: length } = cursor;
      if (length < COMMON_SIZE) continue;
      if (!extended && cursor.offset !== start) this.deltas[deltaBin(cursor.timeDelta)]!++;
      extended = false;
      head.type = view.getUint16(at, littleEndian);
      head.pid = view.getInt32(at + 4, littleEndian);
      head.context = view.getUint8(at + 2) | (view.getUint8(at + 3) << 8);
      head.size = length;
      head.long = at - cursor.offset > 4;
      tasks.next(this.addRecord(head), head.pid);
    }
  }

  private addRecord({ type, size, context, pid, long }: EventHead): TypeRow | undefined {
    this.events++;
    if (size <= MAX_SHORT) {
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
    if (row === undefined) return undefined;
    row.count++;
    count(row.lengths, size, MAX_LENGTHS);
    return row;
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
    const records = this.records + 1;
    this.padding = Math.log((this.paddings + 0.5) / records) + PADDING_NOISE;
    this.extend = Math.log((this.extends + 0.5) / records) + EXTEND_NOISE;
    this.stamp = Math.log((this.stamps + 0.5) / records) + STAMP_NOISE;
  }

  /** The weight of an event that begins so. */
  event({ type, size, context, pid, long }: EventHead): number {
    if (pid < 0 || pid > PID_MAX) return IMPOSSIBLE;
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

  /** How often the event behind one of this id runs in another task; undefined where too few were seen. */
  switches(type: number): number | undefined {
    const row = this.rows[this.rowOf[type]!];
    return row === undefined || row.followed < MIN_FOLLOWED ? undefined : row.switched / row.followed;
  }
}

/**
 * Counts the changes of task from event to event. Another task there and back within one line may be a line that holds an
 * older moment, and is not counted; a switch that its own event tells of is.
 */
class TaskWatch {
  private row: TypeRow | undefined;
  private start = 0;
  private end = 0;
  private pid = 0;
  private line = 0;
  /** The event behind which the task changed at a line's border, not counted yet; the task before, the line behind. */
  private changed: TypeRow | undefined;
  private changedFrom = 0;
  private changedLine = 0;

  /** @param cursor walks over the events */
  constructor(private readonly cursor: RecordCursor) {}

  /** The cursor stands on the next event. */
  next(row: TypeRow | undefined, pid: number): void {
    const { offset, length, dataOffset } = this.cursor;
    const line = lineOf(dataOffset + 4);
    if (this.row !== undefined) {
      this.row.followed++;
      if (pid !== this.pid) this.change(this.row, line, pid);
      else if (line !== this.changedLine) this.confirm();
    }
    this.row = row;
    this.start = offset;
    this.end = offset + length;
    this.pid = pid;
    this.line = line;
  }

  private change(row: TypeRow, line: number, pid: number): void {
    const told = holdsPid(this.cursor, this.start, this.end, pid);
    const back =
      this.changed !== undefined && pid === this.changedFrom && this.line === this.changedLine && line !== this.line;
    if (back && !told) {
      this.changed = undefined;
      return;
    }
    this.confirm();
    if (told || line === this.line) row.switched++;
    else {
      this.changed = row;
      this.changedFrom = this.pid;
      this.changedLine = line;
    }
  }

  private confirm(): void {
    if (this.changed !== undefined) this.changed.switched++;
    this.changed = undefined;
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
