import type { Entry } from "./entry.js";
import { FITS } from "./verdicts.js";

/** Words of the format, of the kernel and of rbtool. */
export const TERMS: Readonly<Record<string, Entry>> = {
  image: {
    means: "The raw bytes of the reserved memory, as the kernel left them.",
    example: "dump.bin: 10460 events on 2 CPUs",
    advice: "`rbtool inspect dump.bin` says what is in it.",
  },
  area: {
    means: "The reserved memory that a persistent trace buffer lies in: reserve_mem= or memmap=, and trace_instance=.",
    example: "reserve_mem=12M:4096:trace trace_instance=boot_map@trace",
    advice: "`rbtool locate` finds areas in a machine's memory.",
  },
  "boot meta": {
    means:
      "struct ring_buffer_meta at the beginning of the area (since 6.15): magic, sizes, and where the CPUs begin. Up to 6.14 each " +
      "CPU has a meta of its own instead.",
    example: "boot meta  magic 0xbadfeed  struct_sizes 0x200020",
    advice: "`rbtool inspect` shows it.",
  },
  "cpu meta": {
    means:
      "struct ring_buffer_cpu_meta before each CPU's sub-buffers: where they lay in the writing boot, which of them are head and " +
      "commit, and their order (buffers[]).",
    example: "CPU 0: meta at 0x2030",
    advice: "`rbtool inspect --pages` shows the order that it gives.",
  },
  scratch: {
    means: "struct trace_scratch (since 6.15): the writing boot's trace clock, the address of _text, and its modules.",
    example: "scratch  clock local  _text 0xffffffff81000000  0 modules",
    advice: "`rbtool inspect` shows it.",
  },
  "sub-buffer": {
    means: "One piece of a CPU's buffer, usually a page: a header of 16 bytes (time stamp, commit), then records.",
    example: "CPU 0, id 26, index 25",
    advice: "`rbtool page dump.bin 0:26` takes one apart.",
  },
  id: {
    means: "A sub-buffer's position in buffers[]: the kernel's own number. It is shown before the @ in id@index.",
    example: "26@25",
    advice: "`rbtool page dump.bin 0:26` takes CPU and id.",
  },
  index: {
    means:
      "A sub-buffer's place in memory, counted from the CPU's first one. Programs that map the buffer count this way. It is shown " +
      "behind the @ in id@index.",
    example: "26@25",
    advice: "`rbtool page dump.bin 0:@25` takes CPU and index.",
  },
  "reader page": {
    means:
      "The one sub-buffer outside the ring: the kernel swaps it with the head when a reader asks for more. It has id 0, " +
      "and its events are older than those in the ring.",
    example: "reader 0@27",
    advice: "`rbtool diff` shows what swapping does to the numbers.",
  },
  head: {
    means:
      "The oldest sub-buffer in the ring. Reading goes from the reader page to the head and on to the commit page.",
    example: "head 25@25",
    advice: "Nothing: it is how the buffer works.",
  },
  "head page": {
    means: "The sub-buffer that is the ring's head: the next that a reader gets.",
    example: "head 25@25",
    advice: "Nothing: it is how the buffer works.",
  },
  "id@index": {
    means: "A sub-buffer by both of its numbers: its position in buffers[], and its place in memory.",
    example: "26@25",
    advice: "`rbtool diff` says why they differ: each reading exchanges two.",
  },
  "commit page": {
    means: "The sub-buffer that was being written when the machine stopped: the newest one.",
    example: "commit 24@24",
    advice: "Its last event is the last thing that the CPU recorded.",
  },
  "tail page": {
    means: "The sub-buffer that the writer reserves room in. At rest it is the commit page.",
    example: "tail 24@24",
    advice: "Nothing: it is how the buffer works.",
  },
  commit: {
    means:
      "The number of bytes of records in a sub-buffer, in its header. Its upper bits are RB_MISSED_EVENTS and RB_MISSED_STORED.",
    example: "commit 4080",
    advice: "Nothing: it is how the buffer works.",
  },
  record: {
    means: "One entry of a sub-buffer: a data event, padding, a time extend or an absolute time stamp.",
    example: "data  sched_switch  64 bytes",
    advice: "`rbtool page` shows every record of a sub-buffer.",
  },
  event: {
    means: "A record of data: what one tracepoint wrote. Padding and time records are records too, but no events.",
    example: "init-1       [001] .....     7.103588: sys_enter: NR 1 (...)",
    advice: "`rbtool events` prints them.",
  },
  trace_entry: {
    means: "The first eight bytes of every event: its type, its flags, and the pid of the task that ran.",
    example: "common_type = 386",
    advice: "`rbtool page` shows them.",
  },
  NR: {
    means: "In sys_enter and sys_exit: the number of the system call, which each architecture counts in its own way.",
    example: "sys_enter: NR 1 (1, 66afc80, 2, ...)",
    advice: "`rbtool events --filter 'id == 1'` shows those of one number.",
  },
  "time extend": {
    means: "A record that adds to the time, where 27 bits of delta were too few.",
    example: "time-extend  +0.134 s",
    advice: "Nothing: it is how the buffer works.",
  },
  "time stamp": {
    means: "A record with an absolute time, or the time in a sub-buffer's header that deltas are counted from.",
    example: "time-stamp  6.905124",
    advice: "Nothing: it is how the buffer works.",
  },
  padding: {
    means: "A record without an event: one that was discarded, or the rest of a sub-buffer.",
    example: "padding  28 bytes",
    advice: "Nothing: it is how the buffer works.",
  },
  discard: {
    means: "An event that the writer took back, for instance by a filter. It stays as padding.",
    example: "padding  28 bytes, discarded",
    advice: "Nothing: it is how the buffer works.",
  },
  RB_MISSED_EVENTS: {
    means:
      "Bit 31 of a sub-buffer's commit: events were lost before it. Since 7.2 a boot sets it where it dropped an invalid page.",
    example: "CPU:1 [LOST EVENTS]",
    advice: "`rbtool events --lost` lists the events before which others are missing.",
  },
  RB_MISSED_STORED: {
    means: "Bit 30 of a sub-buffer's commit: the number of lost events stands after its data.",
    example: "CPU:1 [LOST 12 EVENTS]",
    advice: "A larger area loses fewer.",
  },
  "lost events": {
    means: "Events that were written and overwritten before anyone read them. It is normal for a ring that is full.",
    example: "CPU:1 [LOST EVENTS]",
    advice: "A larger area keeps more.",
  },
  rewind: {
    means: "Since 6.17 a boot makes consumed pages readable again, as long as their times fit.",
    example: "Ring buffer [0] rewound 8 pages",
    advice: "`rbtool check -k VERSION` says what that kernel would bring back.",
  },
  overwritten: {
    means: "The ring was full, so the oldest sub-buffer was overwritten: normal for a persistent buffer.",
    example: "overrun: 1207",
    advice: "A larger area keeps more.",
  },
  "kernel view": {
    means: "The sub-buffers by id, in the order in which the kernel reads them.",
    example: "0@27 25@25 26@26",
    advice: "`rbtool diff` sets it beside the user view.",
  },
  "user view": {
    means: "The sub-buffers by index, as a program sees them that maps trace_pipe_raw.",
    example: "@0 @1 @2",
    advice: "`rbtool diff` sets it beside the kernel view.",
  },
  "user meta page": {
    means: "struct trace_buffer_meta: the first page of a mapping, for the program. It is not in the image.",
    example: "reader.id 27, reader.read 4080",
    advice: "`rbtool mmap-layout` shows it.",
  },
  GET_READER: {
    means: "TRACE_MMAP_IOCTL_GET_READER: a mapping program calls it to get the next sub-buffer to read.",
    example: "ioctl(fd, TRACE_MMAP_IOCTL_GET_READER)",
    advice: "`rbtool mmap-layout --steps 4` shows what each call does.",
  },
  salvage: {
    means: "To write everything that can be read into a new image, one that a kernel accepts.",
    example: "rbtool recover --salvage -o best.bin dump.bin",
    advice: "`rbtool recover --salvage -o best.bin dump.bin`",
  },
  KASLR: {
    means:
      "Each boot puts the kernel at another address. The scratch area holds the writing boot's, so symbols are still found.",
    example: "_text 0xffffffff9b800000, linked at 0xffffffff81000000",
    advice: "Nothing: give kallsyms of the same build, from any boot.",
  },
  BTF: {
    means:
      "The types of a kernel's structs and functions, in the kernel itself. With them arguments of functions and constants " +
      "are printed, and buffers that no table of rbtool knows are read.",
    example: "/sys/kernel/btf/vmlinux",
    advice: "`--btf FILE`; a kernel's package (`--system`) has it too.",
  },
  kallsyms: {
    means: "The names and addresses of a kernel's functions and variables.",
    example: "ffffffff81000000 T _text",
    advice: "`--kallsyms FILE`; a kernel's package (`--system`) has them too. As root: others see zeros.",
  },
  vmcoreinfo: {
    means: "What a kernel writes down about itself for tools that read its memory: release, page size, KASLR's offset.",
    example: "vmcoreinfo in the memory: written by 6.12.107+deb13-cloud-amd64",
    advice: "Nothing: the events of a dump are read with it.",
  },
  "<...>": {
    means: "The task's name is not known: no event of the trace names that pid, and the next boot has forgotten it.",
    example: "<...>-77      [000] .....     1.000001: e1: a=7",
    advice:
      "Give the writing boot's saved_cmdlines with --cmdlines. sched_switch and task_newtask events name tasks too.",
  },
  "<idle>": {
    means: "Pid 0: the CPU's idle task.",
    example: "<idle>-0       [001] d..2.     7.100635: sched_switch: ...",
    advice: "Nothing.",
  },
  "type 386": {
    means:
      "An event whose ID is in none of the formats. Each build assigns IDs anew, and modules get theirs as they are loaded.",
    example: "type 386: 61 00 00 00",
    advice: "Give the formats of exactly that build with --system, those of its modules too.",
  },
  "~": {
    means: "Before a time: it is an estimate, and the true one lies within known bounds.",
    example: "<...>-512     [001] d..2.    ~7.101234: sched_switch: ...",
    advice: "`--json-lines` has them as timeBounds.",
  },
  "?": {
    means: "Before an event: it may hold bytes of another moment.",
    example: "<...>-512     [001] d..2.     7.101234: ? sched_switch: ...",
    advice: "--sure leaves such events out.",
  },
  "<OVERFLOW>": {
    means: "The print format reads beyond the record. The kernel prints garbage there.",
    example: "defer2: nid=0x3 (3) limit=<OVERFLOW>",
    advice: "If there are many, the event formats are of another build.",
  },
  "<name(raw values)>": {
    means: "A value that the print format computes from something that the image does not hold.",
    example: "<dmi_memdev_name(12)>",
    advice: "`rbtool formats` lists why, event by event.",
  },
  "trace clock": {
    means:
      "What time stamps count: local, global and mono are nanoseconds, counter and the architecture's own are not.",
    example: "clock local",
    advice: "Times of a clock that counts no time are shown as plain numbers.",
  },
  "virtual start": {
    means: "Where the area began in the writing boot's address space: the metas hold addresses, not offsets.",
    example: "virtual start  0xffff88817ff46000",
    advice: "`rbtool check --virt ADDRESS` simulates a boot that has the area elsewhere.",
  },
  "covered from": {
    means: "The time from which a CPU's ring holds all of its events: anything older is overwritten.",
    example: "all CPUs with events are covered from 5.638333 to 7.103588",
    advice: "Claims about earlier times rest on only some of the CPUs.",
  },
  "left over": {
    means: "Bytes of the area behind the last CPU's sub-buffers: too few to give each CPU one more.",
    example: "area  524288 (512 KiB): 2 CPUs of 62 sub-buffers; 8192 bytes left over",
    advice: "Nothing.",
  },
  "another build": FITS.wrong,
  torn: {
    means: "Memory that did not survive whole: some cache lines are older than others, or other bytes.",
    example: "83 places look like cache lines of 64 bytes that were not written back",
    advice: "docs/torn.md; `--sure` leaves out the events that may hold foreign bytes.",
  },
  timeBounds: {
    means: "In JSON: the earliest and latest possible time of an event marked with ~.",
    example: '"timeBounds":["7101200000","7101290000"]',
    advice: "Nothing.",
  },
  "entries-in-buffer": {
    means:
      "The header of the kernel's `trace` file: events that can be read, events that were written, CPUs online (#P).",
    example: "# entries-in-buffer/entries-written: 10460/10460   #P:2",
    advice: "Nothing.",
  },
  "[LOST EVENTS]": {
    means: "Between these two lines other events of that CPU were lost: the ring was full, or a boot dropped a page.",
    example: "CPU:1 [LOST 12 EVENTS]",
    advice: "`rbtool events --lost` lists the events before which others are missing.",
  },
  "(____ptrval____)": {
    means: "A pointer that the kernel hashes. Its real value is in the image: it is shown without --as-kernel.",
    example: "skbaddr=(____ptrval____)",
    advice: "Leave out --as-kernel to see real pointers.",
  },
  "<short record>": {
    means: "The record is too short for the fields of its event.",
    example: "sched_switch: <short record>",
    advice: "If there are many, the event formats are of another build.",
  },
  "\u2717": {
    means: "In `timeline`: events of that CPU were lost at this point.",
    example: "CPU 0 \u2717\u2717\u2717aab",
    advice: "A larger area keeps more.",
  },
};
