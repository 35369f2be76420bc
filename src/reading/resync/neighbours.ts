import { TRACE_ENTRY_SIZE } from "../../ring/structs.js";
import type { Words } from "./words.js";

/** Distinct kinds of events, and distinct ones behind one: more are not told apart. */
const MAX_KINDS = 1 << 14;
const MAX_FOLLOWERS = 512;
/** Bytes of an event's own first field: an address, or a number with what stands beside it. */
const FIRST_FIELD = 8;
const HASH = 0x9e3779b1;
/** How often two events of different moments are of the same task: moments lie close to each other. */
const SAME_TASK = 0.5;
/** Odds (as logarithms) beyond which a single place is not believed to speak. */
const MAX_ODDS = 6;

/** How often something occurs, and what follows it. */
class Kind {
  count = 0;
  followed = 0;
  /** By the index of the other. */
  readonly followers = new Map<number, number>();
}

/** Kinds of events, and which follows which. */
class Kinds {
  total = 0;
  private readonly kinds: Kind[] = [];
  private readonly indexes = new Map<number, number>();

  learn(key: number): void {
    this.total++;
    const kind = this.kinds[this.indexOf(key)];
    if (kind !== undefined) kind.count++;
  }

  learnPair(key: number, next: number): void {
    const kind = this.kinds[this.indexOf(key)];
    const index = this.indexOf(next);
    if (kind === undefined || index < 0) return;
    kind.followed++;
    const seen = kind.followers.get(index);
    if (seen !== undefined || kind.followers.size < MAX_FOLLOWERS) kind.followers.set(index, (seen ?? 0) + 1);
  }

  /** How likely an event is of a kind. */
  share(key: number): number {
    return ((this.kinds[this.indexes.get(key) ?? -1]?.count ?? 0) + 0.5) / (this.total + 1);
  }

  /**
   * How likely the event behind one of kind `key` is of kind `next`, where nothing but `chance` is known of what never
   * followed it: that is as likely as new ones were (Witten and Bell's estimate). The pair itself is not counted.
   */
  likely(key: number, next: number, chance: number): number {
    const kind = this.kinds[this.indexes.get(key) ?? -1];
    const index = this.indexes.get(next);
    if (kind === undefined || index === undefined) return chance;
    const others = kind.followers.size + 1;
    const seen = Math.max(0, (kind.followers.get(index) ?? 0) - 1);
    return (seen + others * chance) / (Math.max(0, kind.followed - 1) + others);
  }

  private indexOf(key: number): number {
    let index = this.indexes.get(key);
    if (index === undefined) {
      if (this.kinds.length >= MAX_KINDS) return -1;
      index = this.kinds.length;
      this.kinds.push(new Kind());
      this.indexes.set(key, index);
    }
    return index;
  }
}

/** In which task the event behind one of an id runs: in the same, in one that it names, in another. */
class TaskRow {
  followed = 0;
  same = 0;
  told = 0;
  /** Of those that name another: they name their own, too. */
  own = 0;
}

/** One event, as its neighbours see it; read again and again, so that none is allocated. */
export class Neighbour {
  type = 0;
  /** common_flags | common_preempt_count << 8. */
  context = 0;
  pid = 0;
  /** Of its own first field, and of all that came before. */
  subject = 0;
  start = 0;
  end = 0;

  /** Its id, flags and preempt_count. */
  get kind(): number {
    return this.type * 0x10000 + this.context;
  }

  /** Reads the event from `start` to `end` whose payload begins at `data`. */
  read({ view, littleEndian }: Words, start: number, data: number, end: number): void {
    this.start = start;
    this.end = end;
    this.type = view.getUint16(data, littleEndian);
    this.context = view.getUint8(data + 2) | (view.getUint8(data + 3) << 8);
    this.pid = view.getInt32(data + 4, littleEndian);
    let subject = Math.imul(this.type, HASH) ^ this.context;
    for (let at = data + TRACE_ENTRY_SIZE; at < data + TRACE_ENTRY_SIZE + FIRST_FIELD && at + 4 <= end; at += 4)
      subject = Math.imul(subject ^ (subject >>> 15), HASH) ^ view.getUint32(at, littleEndian);
    this.subject = subject;
  }
}

/**
 * Which event follows which on a CPU, and in which task. It tells whether two events that stand one behind the other were
 * written so, or are neighbours because a line holds another moment.
 */
export class Neighbours {
  private readonly kinds = new Kinds();
  /** The same by what an event is about, too: the function, the system call, the interrupt. */
  private readonly subjects = new Kinds();
  private readonly tasks = new Map<number, TaskRow>();
  private readonly pids = new Map<number, number>();
  private changes = 0;
  private pairs = 0;

  /** Learns that an event occurs. */
  learn({ kind, subject, pid }: Neighbour): void {
    this.kinds.learn(kind);
    this.subjects.learn(subject);
    const seen = this.pids.get(pid);
    if (seen !== undefined || this.pids.size < MAX_KINDS) this.pids.set(pid, (seen ?? 0) + 1);
  }

  /** Learns that `next` follows `event`. `told`: the event names the task of the next. `own`: and its own. */
  learnPair(event: Neighbour, next: Neighbour, told: boolean, own: boolean): void {
    this.kinds.learnPair(event.kind, next.kind);
    this.subjects.learnPair(event.subject, next.subject);
    let row = this.tasks.get(event.type);
    if (row === undefined) {
      if (this.tasks.size >= MAX_KINDS) return;
      row = new TaskRow();
      this.tasks.set(event.type, row);
    }
    row.followed++;
    this.pairs++;
    if (event.pid === next.pid) row.same++;
    else {
      this.changes++;
      if (told) row.told++;
      if (told && own) row.own++;
    }
  }

  /**
   * How much likelier it is (as a logarithm) that two events which stand side by side are of different moments. The pair
   * itself is among those that were learnt, and is not counted.
   */
  odds(event: Neighbour, next: Neighbour, told: boolean): number {
    return clamp(this.kindOdds(event, next)) + clamp(this.taskOdds(event, next, told));
  }

  private kindOdds(event: Neighbour, next: Neighbour): number {
    const { kinds, subjects } = this;
    const chance = kinds.share(next.kind);
    const subject = subjects.share(next.subject);
    const byKind = kinds.likely(event.kind, next.kind, chance);
    return Math.log(subject / subjects.likely(event.subject, next.subject, Math.min(1, (subject * byKind) / chance)));
  }

  private taskOdds(event: Neighbour, next: Neighbour, told: boolean): number {
    const row = this.tasks.get(event.type);
    if (row === undefined) return 0;
    const other = (1 - SAME_TASK) * this.share(next.pid);
    const all = row.followed + 3;
    if (event.pid === next.pid) return Math.log((SAME_TASK + other) / ((row.same + 1) / all));
    if (told) return Math.log(other / ((row.told + 1) / all));
    return Math.log((1 - SAME_TASK) / (Math.max(1, row.followed - row.same - row.told) / all));
  }

  /** The same of two events with room for `between` others between them that are lost: only their tasks tell something. */
  oddsAcross(event: Neighbour, next: Neighbour, between: number): number {
    const same = (1 - (this.changes + 1) / (this.pairs + 2)) ** (between + 1);
    const share = this.share(next.pid);
    if (event.pid !== next.pid) return clamp(Math.log((1 - SAME_TASK) / (1 - same)));
    return clamp(Math.log((SAME_TASK + (1 - SAME_TASK) * share) / (same + (1 - same) * share)));
  }

  /** Whether events of this id are switches: they name the task that runs behind them, and the one that ran. */
  isSwitch(type: number): boolean {
    const row = this.tasks.get(type);
    return row !== undefined && row.told >= MIN_TOLD && row.told > MOSTLY * row.followed && row.own > MOSTLY * row.told;
  }

  private share(pid: number): number {
    return ((this.pids.get(pid) ?? 0) + 0.5) / (this.kinds.total + 1);
  }
}

/** Fewer events that name the next task may do so by chance. */
const MIN_TOLD = 8;
const MOSTLY = 0.8;

function clamp(odds: number): number {
  return Math.max(-MAX_ODDS, Math.min(MAX_ODDS, odds));
}

/** Bytes of a record in which the pid of the next event is looked for: sched_switch names it among its first fields. */
const MAX_PID_SEARCH = 128;

/** Whether a word of the event behind its common fields is `pid`: it may tell of a switch to that task. */
export function tellsOf({ view, littleEndian }: Words, { start, end }: Neighbour, pid: number): boolean {
  const last = Math.min(end, start + MAX_PID_SEARCH);
  for (let at = start + 4 + TRACE_ENTRY_SIZE; at + 4 <= last; at += 4)
    if (view.getInt32(at, littleEndian) === pid) return true;
  return false;
}
