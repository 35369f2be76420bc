import { gzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { InputError } from "../../../src/ground/errors.js";
import { latin1 } from "../../../src/ground/latin1.js";
import { contextFilesOf } from "../../../src/system/kernel-image/context-files.js";
import { openKernel } from "../../../src/system/kernel-image/open-kernel.js";
import { buildKernel, type KernelSpec } from "../../support/build-kernel.js";
import { SMALL_KERNEL } from "../../support/small-kernel.js";

const open = (file: Uint8Array) => openKernel({ origin: "kernel", path: "kernel", bytes: () => file });

const SPECS: readonly (readonly [string, KernelSpec])[] = [
  ["64-bit, offsets from themselves (7.0 on)", SMALL_KERNEL],
  ["64-bit, offsets from a base", { ...SMALL_KERNEL, offsets: "base" }],
  [
    "64-bit, absolute per-CPU symbols (x86 6.12), a filter word",
    { ...SMALL_KERNEL, offsets: "absolute-percpu", filter: true },
  ],
  ["64-bit, big-endian", { ...SMALL_KERNEL, abi: { littleEndian: false, longSize: 8 }, address: 0x100000n }],
  ["32-bit", { ...SMALL_KERNEL, abi: { littleEndian: true, longSize: 4 }, address: 0xc0208000n, offsets: "base" }],
  [
    "32-bit, big-endian",
    { ...SMALL_KERNEL, abi: { littleEndian: false, longSize: 4 }, address: 0xc0208000n, offsets: "base" },
  ],
];

test.each(SPECS)("%s: symbols, events and strings are read", async (_, spec) => {
  const built = buildKernel(spec);
  const kernel = await open(built.elf);
  const files = contextFilesOf(kernel);
  expect(kernel.release).toBe("7.9.1-test");
  expect(kernel.buildId).toBe("ab".repeat(20));
  expect(latin1(files.kallsyms!.bytes)).toBe(built.kallsyms);
  expect(latin1(files.printkFormats!)).toMatch(/^0x[0-9a-f]+ : "a format\\n"\n$/);
  const ids = kernel.events.map(({ id, event }) => `${event.system}/${event.name} ${id}`);
  expect(ids).toEqual([
    "ftrace/function 1",
    "ftrace/func_repeats 20",
    "sched/first 21",
    "sched/second 22",
    "syscalls/sys_exit_read 23",
    "syscalls/sys_enter_read 24",
    "syscalls/sys_exit_rename 25",
    "syscalls/sys_enter_rename 26",
  ]);
});

test("a format file: attributes, arrays, names of enums and sizes", async () => {
  const { formats } = contextFilesOf(await open(buildKernel(SMALL_KERNEL).elf));
  const text = (name: string): string => latin1(formats.find(({ path }) => path.includes(`/${name}/`))!.bytes);
  expect(text("first")).toBe(`name: first
ID: 21
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:char flag;	offset:8;	size:1;	signed:1;
	field:const char * where;	offset:16;	size:8;	signed:0;
	field:char comm[16];	offset:24;	size:16;	signed:1;
	field:__data_loc char[] name;	offset:40;	size:4;	signed:0;

print fmt: "STATE_A %s", REC->STATE_A == -3 ? "STATE_A" : REC->x.STATE_A, 44, 0xSTATE_A
`);
  // The maps are those of the first one's file.
  expect(text("second")).toContain('print fmt: "STATE_A", STATE_A\n');
  expect(text("sys_enter_rename")).toContain('print fmt: "oldname: 0x%08lx, newname: 0x%08lx", ');
});

test("user memory that a system call records since 6.19", async () => {
  for (const littleEndian of [true, false]) {
    const abi = { littleEndian, longSize: 8 as const };
    const { formats } = contextFilesOf(await open(buildKernel({ ...SMALL_KERNEL, abi, recordsMemory: true }).elf));
    const format = latin1(formats.find(({ path }) => path.includes("/sys_enter_rename/"))!.bytes);
    expect(format).toContain("\tfield:__data_loc char[] __newname_val;\toffset:36;\tsize:4;\tsigned:0;\n");
    expect(format).toContain(
      'print fmt: "oldname: 0x%08lx \\"%s\\", newname: 0x%08lx \\"%s\\"", ((unsigned long)(REC->oldname)), __get_str(__oldname_val), ((unsigned long)(REC->newname)), __get_str(__newname_val)\n',
    );
  }
});

test("a kernel is found in what it is wrapped in", async () => {
  const { elf } = buildKernel(SMALL_KERNEL);
  expect((await open(gzipSync(elf))).layers).toEqual(["gzip"]);
  const setup = Buffer.alloc(1024);
  const payload = gzipSync(elf);
  setup.set([0x55, 0xaa], 0x1fe);
  setup[0x1f1] = 1;
  setup.write("HdrS", 0x202, "latin1");
  setup.writeUInt16LE(0x20f, 0x206);
  setup.writeUInt32LE(payload.length, 0x24c);
  expect((await open(Buffer.concat([setup, payload]))).layers).toEqual(["bzImage", "gzip"]);
});

test("a file that is no kernel is an InputError that says so", async () => {
  await expect(open(Buffer.alloc(4096, 0x5a))).rejects.toThrow(/^kernel: not a collection/);
  await expect(open(Buffer.alloc(0))).rejects.toThrow(InputError);
});

test("mutations of a kernel end in a kernel or in an InputError", async () => {
  const { elf } = buildKernel({ ...SMALL_KERNEL, recordsMemory: true });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(elf.length - 1), fc.oneof(fc.constantFrom(0, 0xff, 0x80), fc.nat(255))), {
        maxLength: 40,
      }),
      fc.nat(elf.length),
      fc.boolean(),
      async (changes, length, cut) => {
        const bytes = cut ? elf.slice(0, length) : elf.slice();
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        try {
          expect(contextFilesOf(await open(bytes)).formats.length).toBeLessThan(100);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      },
    ),
    { numRuns: 300 },
  );
});
