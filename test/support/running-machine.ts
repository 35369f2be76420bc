import { BtfMaker, INT, PTR, STRUCT } from "../system/make-btf.js";
import { buildKernel } from "./build-kernel.js";
import { SMALL_KERNEL } from "./small-kernel.js";

/** page_offset_base without KASLR. */
export const DIRECT_MAP = 0xffff_8880_0000_0000n;
const KERNEL = 0x10_0000;
const START_KERNEL_MAP = 0xffff_ffff_8000_0000n;
const TABLES = [0x8000, 0x9000] as const;
const TASKS = 0x2_0000;
const SAVED = 0x3_0000;
const SIZE = 0x20_0000;

/** A process and its threads, by pid. */
export interface MadeProcess {
  readonly pid: number;
  readonly comm: string;
  readonly threads?: Readonly<Record<number, string>>;
}
export const PROCESSES: readonly MadeProcess[] = [
  { pid: 1, comm: "init" },
  { pid: 40, comm: "server", threads: { 41: "worker 1", 42: "worker 2" } },
];
export const SAVED_NAMES: readonly (readonly [pid: number, comm: string])[] = [
  [40, "server, before"],
  [4711, "gone"],
];

/** A machine's memory with a kernel of ours at work in it: its page tables, its tasks, what its tracer remembers. */
export function runningMachine(): { readonly bytes: Buffer; readonly vmcoreinfo: string } {
  const { address, release } = SMALL_KERNEL;
  const room = { init_uts_ns: 6 * 65, swapper_pg_dir: 4096, init_task: 64, savedcmd: 8 };
  const { elf, kallsyms } = buildKernel({ ...SMALL_KERNEL, btf: types(), room });
  const bytes = Buffer.alloc(SIZE);
  bytes.set(elf, KERNEL);
  const addressOf = (name: string) => BigInt(`0x${new RegExp(`^(\\w+) . ${name}$`, "m").exec(kallsyms)![1]}`);
  const placeOf = (name: string) => KERNEL + Number(addressOf(name) - address);
  const long = (at: number, value: bigint) => bytes.writeBigUInt64LE(value, at);
  const text = (at: number, value: string) => bytes.write(`${value}\0`, at, "latin1");
  text(placeOf("init_uts_ns"), "Linux");
  text(placeOf("init_uts_ns") + 2 * 65, release);
  // One large page of the direct map.
  const entry = (shift: bigint) => 8 * Number((DIRECT_MAP >> shift) & 511n);
  long(placeOf("swapper_pg_dir") + entry(39n), BigInt(TABLES[0]) | 0x63n);
  long(TABLES[0] + entry(30n), BigInt(TABLES[1]) | 0x63n);
  long(TABLES[1] + entry(21n), 0xe3n);
  tasks(
    { long, text, pid: (at, value) => bytes.writeInt32LE(value, at) },
    addressOf("init_task"),
    placeOf("init_task"),
  );
  long(placeOf("savedcmd"), DIRECT_MAP + BigInt(SAVED));
  long(SAVED, DIRECT_MAP + BigInt(SAVED + 0x100));
  bytes.writeUInt32LE(SAVED_NAMES.length + 1, SAVED + 8);
  SAVED_NAMES.forEach(([pid, comm], i) => {
    bytes.writeUInt32LE(pid, SAVED + 0x100 + 4 * i);
    text(SAVED + 16 + 16 * i, comm);
  });
  bytes.writeUInt32LE(0xffff_ffff, SAVED + 0x100 + 4 * SAVED_NAMES.length);
  const hex = (value: bigint) => value.toString(16);
  const vmcoreinfo = [
    `OSRELEASE=${release}`,
    "PAGESIZE=4096",
    "OFFSET(uts_namespace.name)=0",
    ...["init_uts_ns", "swapper_pg_dir", "_stext"].map((name) => `SYMBOL(${name})=${hex(addressOf(name))}`),
    `SYMBOL(kallsyms_names)=${hex(address + 0x1000n)}`,
    `SYMBOL(kallsyms_offsets)=${hex(address + BigInt(elf.length))}`,
    `NUMBER(phys_base)=${BigInt(KERNEL) - (address - START_KERNEL_MAP)}`,
    "NUMBER(pgtable_l5_enabled)=0",
    "KERNELOFFSET=0",
  ].join("\n");
  return { bytes, vmcoreinfo };
}

/** Where each member lies, as tasks() writes them. */
const TASK = { tasks: 0, pid: 16, comm: 20, signal: 40, thread_node: 48 };

function types(): Uint8Array {
  const made = new BtfMaker(true);
  const int = made.add(INT, "int", 4, [[0x01000020]]);
  const pointer = made.add(PTR, "", int);
  const struct = (name: string, size: number, members: Readonly<Record<string, number>>) =>
    made.add(
      STRUCT,
      name,
      size,
      Object.entries(members).map(([member, at]) => [member, pointer, 8 * at]),
    );
  struct("task_struct", 64, TASK);
  struct("signal_struct", 16, { thread_head: 0 });
  struct("saved_cmdlines_buffer", 16, { map_cmdline_to_pid: 0, cmdline_num: 8, saved_cmdlines: 16 });
  return made.bytes();
}

interface Writer {
  long(at: number, value: bigint): void;
  text(at: number, value: string): void;
  pid(at: number, value: number): void;
}

/** init_task's list of the processes, and each one's list of threads, itself the first. */
function tasks({ long, text, pid }: Writer, first: bigint, firstPlace: number): void {
  let free = TASKS;
  const make = (number: number, comm: string) => {
    const at = free;
    free += 0x80;
    pid(at + TASK.pid, number);
    text(at + TASK.comm, comm);
    return at;
  };
  const address = (at: number) => DIRECT_MAP + BigInt(at);
  let last = firstPlace + TASK.tasks;
  for (const { pid: number, comm, threads = {} } of PROCESSES) {
    const leader = make(number, comm);
    const signal = free;
    free += 0x80;
    long(last, address(leader + TASK.tasks));
    last = leader + TASK.tasks;
    long(leader + TASK.signal, address(signal));
    let before = signal;
    for (const task of [leader, ...Object.entries(threads).map(([id, name]) => make(Number(id), name))]) {
      long(before, address(task + TASK.thread_node));
      before = task + TASK.thread_node;
    }
    long(before, address(signal));
  }
  long(last, first + BigInt(TASK.tasks));
}
