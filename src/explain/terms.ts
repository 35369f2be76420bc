import type { Entry } from "./entry.js";

/** Words of the format, of the kernel and of rbtool. */
export const TERMS: Readonly<Record<string, Entry>> = {
  image: {
    means: "The raw bytes of the reserved memory, as the kernel left them.",
    advice: "`rbtool inspect dump.bin` says what is in it.",
  },
  area: {
    means: "The reserved memory that a persistent trace buffer lies in: reserve_mem= or memmap=, and trace_instance=.",
  },
  "boot meta": {
    means:
      "struct ring_buffer_meta at the beginning of the area (since 6.15): magic, sizes, and where the CPUs begin. Up to 6.14 each " +
      "CPU has a meta of its own instead.",
  },
  "cpu meta": {
    means:
      "struct ring_buffer_cpu_meta before each CPU's sub-buffers: where they lay in the writing boot, which is head and commit, and " +
      "buffers[], their order.",
  },
  scratch: {
    means: "struct trace_scratch (since 6.15): the writing boot's trace clock, the address of _text, and its modules.",
  },
  "sub-buffer": {
    means: "One piece of a CPU's buffer, usually a page: a header of 16 bytes (time stamp, commit), then records.",
    example: "CPU 0, id 26, index 25",
  },
  id: { means: "A sub-buffer's position in buffers[]: the kernel's own number. It is shown before the @ in id@index." },
  index: {
    means:
      "A sub-buffer's place in memory, counted from the CPU's first one. Programs that map the buffer count so. It is shown " +
      "behind the @ in id@index.",
  },
  "reader page": {
    means:
      "The one sub-buffer that is out of the ring: the kernel swaps it with the head when a reader asks for more. It has id 0, " +
      "and what it holds is older than the ring.",
    example: "reader 0@27",
    advice: "`rbtool diff` shows what swapping does to the numbers.",
  },
  head: {
    means:
      "The oldest sub-buffer in the ring. Reading goes from the reader page to the head and on to the commit page.",
  },
  "commit page": { means: "The sub-buffer that was being written when the machine stopped: the newest one." },
  "tail page": { means: "The sub-buffer that the writer reserves room in. At rest it is the commit page." },
  commit: {
    means:
      "The number of bytes of records in a sub-buffer, in its header. Its upper bits are RB_MISSED_EVENTS and RB_MISSED_STORED.",
    example: "commit 4080",
  },
  record: { means: "One entry of a sub-buffer: a data event, padding, a time extend or an absolute time stamp." },
  "time extend": { means: "A record that adds to the time, where 27 bits of delta were too few." },
  "time stamp": {
    means: "A record with an absolute time, or the time in a sub-buffer's header that deltas are counted from.",
  },
  padding: { means: "A record without an event: one that was discarded, or the rest of a sub-buffer." },
  discard: { means: "An event that the writer took back, for instance by a filter. It stays as padding." },
  RB_MISSED_EVENTS: {
    means:
      "Bit 31 of a sub-buffer's commit: events were lost before it. Since 7.2 a boot sets it where it dropped an invalid page.",
    example: "CPU:1 [LOST EVENTS]",
    advice: "`rbtool events --lost` lists the events before which others are missing.",
  },
  RB_MISSED_STORED: {
    means: "Bit 30 of a sub-buffer's commit: how many events were lost stands behind its data.",
    example: "CPU:1 [LOST 12 EVENTS]",
  },
  "lost events": {
    means: "Events that were written and overwritten before anyone read them. It is normal for a ring that is full.",
    advice: "A larger area keeps more.",
  },
  rewind: {
    means: "Since 6.17 a boot makes pages that had been consumed readable again, as far as their times fit.",
    example: "Ring buffer meta [0] rewound 8 pages",
  },
  overwritten: {
    means: "The ring was full and the oldest sub-buffer made room: the usual way of a persistent buffer.",
  },
  "kernel view": { means: "The sub-buffers by id, in the order in which the kernel reads them." },
  "user view": { means: "The sub-buffers by index, as a program sees them that maps trace_pipe_raw." },
  "user meta page": {
    means: "struct trace_buffer_meta: the first page of a mapping, for the program. It is not in the image.",
  },
  GET_READER: {
    means: "TRACE_MMAP_IOCTL_GET_READER: a mapping program calls it to get the next sub-buffer to read.",
    advice: "`rbtool mmap-layout --steps 4` shows what each call does.",
  },
  salvage: {
    means: "To write everything that can be read back as an image that a kernel takes over.",
    advice: "`rbtool recover --salvage -o best.bin dump.bin`",
  },
  KASLR: {
    means:
      "Each boot puts the kernel at another address. The scratch area holds the writing boot's, so symbols are still found.",
  },
  "<...>": {
    means: "The task's name is not known: no event of the trace names that pid, and the next boot has forgotten it.",
    advice:
      "Give the writing boot's saved_cmdlines with --cmdlines. sched_switch and task_newtask events name tasks too.",
  },
  "<idle>": { means: "Pid 0: the CPU's idle task." },
  "type 386": {
    means: "An event whose ID no format has. IDs are dealt anew by each build, and to modules as they are loaded.",
    advice: "Give the formats of that very build with --system, with its modules.",
  },
  "~": {
    means: "Before a time: it is an estimate, and the true one lies within known bounds.",
    advice: "`--json-lines` has them as timeBounds.",
  },
  "?": { means: "Before an event: it may hold bytes of another moment.", advice: "--sure leaves such events out." },
  "<OVERFLOW>": {
    means: "The print format reads beyond the record. The kernel prints less careful nonsense there.",
    advice: "If there are many, the event formats are of another build.",
  },
  "<name(raw values)>": {
    means: "A value that the print format computes from something that the image does not hold.",
    advice: "`rbtool formats` lists why, event by event.",
  },
};
