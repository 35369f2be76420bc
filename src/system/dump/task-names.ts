import { Bytes } from "../../ground/bytes.js";
import { latin1 } from "../../ground/latin1.js";
import type { Btf } from "../btf.js";
import { type AddressSpace, LITTLE_64 } from "./address-space.js";
import { listed } from "./list.js";

/** Where a kernel keeps what its tasks are called. */
export interface TaskSources {
  readonly space: AddressSpace;
  readonly types: Btf;
  readonly addressOf: (symbol: string) => bigint | undefined;
}

/** TASK_COMM_LEN. */
const COMM = 16;
/** NO_CMDLINE_MAP (kernel/trace/trace_sched_switch.c). */
const NOBODY = 0xffff_ffff;
/** PID_MAX_LIMIT is 4 Mi; lists of that many tasks are damaged or hostile. */
const MOST_TASKS = 2 ** 18;

/** saved_cmdlines: what the tracer remembers of pids (struct saved_cmdlines_buffer, trace_sched_switch.c, 6.12 to 7.3). */
export function savedCmdlines({ space, types, addressOf }: TaskSources): Map<number, string> {
  const names = new Map<number, string>();
  const offset = memberOffsets(types, "saved_cmdlines_buffer");
  const pointer = addressOf("savedcmd");
  const buffer = pointer === undefined ? undefined : space.long(pointer);
  const [pidsAt, countAt, commsAt] = ["map_cmdline_to_pid", "cmdline_num", "saved_cmdlines"].map(offset);
  if (!buffer || pidsAt === undefined || countAt === undefined || commsAt === undefined) return names;
  const pids = space.long(buffer + pidsAt);
  const count = space.u32(buffer + countAt) ?? 0;
  if (pids === undefined || count > MOST_TASKS) return names;
  const list = new Bytes(space.read(pids, 4 * count), LITTLE_64);
  const comms = space.read(buffer + commsAt, COMM * count);
  for (let i = 0; 4 * i + 4 <= list.length && COMM * (i + 1) <= comms.length; i++)
    if (list.u32(4 * i) !== NOBODY) add(names, list.u32(4 * i), comms.subarray(COMM * i, COMM * (i + 1)));
  return names;
}

/** What the tasks that ran are called: init_task's list of processes, and each one's threads (for_each_process_thread()). */
export function runningTasks({ space, types, addressOf }: TaskSources): Map<number, string> {
  const names = new Map<number, string>();
  const task = memberOffsets(types, "task_struct");
  const first = addressOf("init_task");
  const [tasks, pid, comm, signal, node] = ["tasks", "pid", "comm", "signal", "thread_node"].map(task);
  const head = memberOffsets(types, "signal_struct")("thread_head");
  if (first === undefined || tasks === undefined || pid === undefined || comm === undefined) return names;
  const seen = new Set<bigint>();
  const take = (at: bigint): void => {
    seen.add(at);
    const number = space.u32(at + pid);
    if (number) add(names, number, space.read(at + comm, COMM));
  };
  for (const process of listed(space, first + tasks)) {
    const leader = process - tasks;
    if (seen.size >= MOST_TASKS || seen.has(leader)) break;
    take(leader);
    const own = signal === undefined ? undefined : space.long(leader + signal);
    if (!own || node === undefined || head === undefined) continue;
    for (const thread of listed(space, own + head)) {
      if (seen.size >= MOST_TASKS) break;
      if (seen.has(thread - node)) {
        if (thread - node === leader) continue;
        break;
      }
      take(thread - node);
    }
  }
  return names;
}

function memberOffsets(types: Btf, struct: string): (name: string) => bigint | undefined {
  const type = types.findOnce(struct, "struct");
  return (name) => {
    const member = type && types.member(type.id, name);
    return member && BigInt(member.bitOffset >> 3);
  };
}

/** A name ends at its NUL; one with a line feed would be two lines of a file. */
function add(names: Map<number, string>, pid: number, comm: Uint8Array): void {
  const end = comm.indexOf(0);
  if (end <= 0 || comm.subarray(0, end).includes(10) || pid >= 2 ** 22 + 1) return;
  if (!names.has(pid)) names.set(pid, latin1(comm.subarray(0, end)));
}
