import type { KernelSpec } from "./build-kernel.js";

/** A kernel with an event of each kind. */
export const SMALL_KERNEL: KernelSpec = {
  abi: { littleEndian: true, longSize: 8 },
  release: "7.9.1-test",
  address: 0xffffffff81000000n,
  offsets: "self",
  events: [
    {
      system: "ftrace",
      name: "function",
      fixedId: 1,
      fields: [["unsigned long", "ip", 8, false]],
      printFmt: '"%ps", REC->ip',
    },
    {
      system: "ftrace",
      name: "func_repeats",
      fixedId: 20,
      fields: [["u64", "count", 8, false]],
      printFmt: '"%u", REC->count',
    },
    {
      system: "sched",
      name: "first",
      fields: [
        ["char", "flag", 1, true],
        ['__attribute__((btf_type_tag("user"))) const char *', "where", 8, false],
        ["char[TASK_LEN]", "comm", 16, true, 16],
        ["__data_loc char[]", "name", 4, false],
      ],
      printFmt: '"STATE_A %s", REC->STATE_A == STATE_A ? "STATE_A" : REC->x.STATE_A, sizeof(struct y), 0xSTATE_A',
      enums: [
        ["TASK_LEN", 16n],
        ["STATE_A", -3n],
        ["sizeof(struct y)", 44n],
      ],
    },
    { system: "sched", name: "second", fields: [], printFmt: '"STATE_A", STATE_A' },
  ],
  syscalls: [
    { name: "read", args: [["unsigned int", "fd"]] },
    undefined,
    {
      name: "rename",
      args: [
        ["const char *", "oldname"],
        ["const char *", "newname"],
      ],
    },
  ],
};
