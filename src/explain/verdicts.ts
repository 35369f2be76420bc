import type { Outcome } from "../compare/outcome.js";
import type { Fit } from "../derive/fit.js";
import type { Verdict } from "../kernel/boot.js";
import type { Certainty } from "../locate/area.js";
import type { AreaRole } from "../locate/copies.js";
import type { MemoryKind } from "../machine/memory-kind.js";
import type { RECORD_KIND_NAMES } from "../ring/records.js";
import type { Errno } from "../user/who-may-map.js";
import type { Entry } from "./entry.js";

const SALVAGE = "Copy the area before that boot; `rbtool recover --salvage` makes an image that it keeps.";

/** What `check` says of a boot, in one word. */
export const SUMMARIES: Readonly<Record<Outcome["summary"], Entry>> = {
  "keeps-everything": {
    means: "The next boot of that kernel keeps every readable event.",
    example: "every kernel compared (6.16 and later) keeps all 10460 events",
    advice: "Boot it.",
  },
  "loses-some": {
    means: "The next boot of that kernel drops some events that are readable now.",
    example: "7.2 and later lose 84 of 10460 events",
    advice: SALVAGE,
  },
  "loses-all": {
    means: "The next boot of that kernel empties the buffer.",
    example: "6.15 loses all",
    advice: SALVAGE,
  },
  crashes: {
    means: "The kernel itself crashes on this area, at every boot until the memory is cleared.",
    example: "Linux 6.16.12 would crash on this image",
    advice: SALVAGE,
  },
  hangs: {
    means: "The kernel never reaches the end of a sub-buffer, at every boot until the memory is cleared.",
    example: "Linux 6.16.12 would hang on this image",
    advice: SALVAGE,
  },
  unknown: {
    means: "The image is cut short: what that kernel would do depends on bytes that are missing.",
    example: "what this kernel would do with CPU 1 cannot be told",
    advice: "Get the whole area.",
  },
  refuses: {
    means:
      "The kernel cannot make the instance at all: the area is too small, or the boot CPU's buffer is not found in it.",
    example: "Tracing: Failed to create instance buffer 'boot_map' (-12)",
    advice: "Give it a larger area; or boot it on the area as `rbtool recover --salvage` writes it.",
  },
};

/** What `check` says of one CPU. */
export const CPU_VERDICTS: Readonly<Record<Exclude<Verdict, "unknown"> | "kept in part" | "not judged", Entry>> = {
  kept: {
    means: "That kernel takes the CPU's buffer over, with all of its events.",
    example: "0  kept  6606",
    advice: "Nothing.",
  },
  "kept in part": {
    means: "That kernel takes the CPU's buffer over, but drops the sub-buffers that it does not believe (since 7.2).",
    example: "0  kept in part  event-length",
    advice: SALVAGE,
  },
  emptied: {
    means: "That kernel believes the CPU's meta, but not its events: it gives up all of them.",
    example: "0  emptied  event-length",
    advice: SALVAGE,
  },
  reset: {
    means: "That kernel does not believe the CPU's meta: it zeroes the CPU's part of the area and begins anew.",
    example: "0  reset  head-out-of-range",
    advice: SALVAGE,
  },
  "not-reached": {
    means: "The kernel crashes, hangs or gives the buffer up before it comes to this CPU.",
    example: "1  not-reached",
    advice: SALVAGE,
  },
  "not judged": {
    means: "The image is cut within this CPU: what that kernel would do with it depends on bytes that are missing.",
    example: "1  not judged",
    advice: "Get the whole area.",
  },
};

/** What `diff` says of a sub-buffer to a program that reads ids upwards. */
export const UPWARDS: Readonly<Record<"in order" | "too late" | "read again", Entry>> = {
  "in order": {
    means: "A program that reads sub-buffers by ascending id meets these events when it should.",
    example: "in order",
    advice: "Nothing.",
  },
  "too late": {
    means: "A program that reads sub-buffers by ascending id meets these events after newer ones.",
    example: "too late",
    advice: "Follow the reader page instead (TRACE_MMAP_IOCTL_GET_READER): it gives them in order.",
  },
  "read again": {
    means:
      "A reader has consumed these events, and a program that reads sub-buffers by ascending id takes them for new.",
    example: "read again",
    advice: "Follow the reader page instead (TRACE_MMAP_IOCTL_GET_READER): it gives them once.",
  },
};

const WHO = "`rbtool mmap-layout --who-may-map dump.bin` lists who may map the buffer, kernel by kernel.";

/** What mmap() of per_cpu/cpuN/trace_pipe_raw answers. */
export const ERRNOS: Readonly<Record<Errno, Entry>> = {
  EPERM: {
    means:
      "mmap() refuses: the mapping would be writable, executable or private, or came from a place that may not map.",
    example: "EPERM (1, Operation not permitted) in __rb_map_vma()",
    advice: "Map it shared and read-only.",
  },
  EACCES: {
    means:
      "mmap() refuses before the ring buffer is asked: the mapping would be writable, and the file was opened read-only.",
    example: "EACCES from mmap() itself where the file is opened read-only",
    advice: "Map it read-only.",
  },
  EINVAL: {
    means: "mmap() refuses: the length is 0, or the pages asked for are not all within the buffer and its meta page.",
    example: "EINVAL (22, Invalid argument) in __rb_map_vma()",
    advice: "`rbtool mmap-layout dump.bin` shows how long the mapping is.",
  },
  ENODEV: {
    means: "mmap() refuses: this kernel does not let a persistent buffer be mapped, or not one in this kind of memory.",
    example: "ENODEV (19, No such device) in tracing_buffers_mmap()",
    advice: WHO,
  },
};

/** How sure `locate` is, and which of several areas one is. */
export const AREAS: Readonly<Record<Certainty | NonNullable<AreaRole>, Entry>> = {
  proven: {
    means: "Signs, sizes, counts and addresses of the area all fit each other.",
    example: "0xbf2a000  0x80000  PROVEN, sound",
    advice: "Read it: `rbtool events vmcore@0xbf2a000`.",
  },
  likely: {
    means: "Enough of the area is there to be read, but its beginning or other parts do not fit.",
    example: "0xbf2a000  0x80000  likely, 3 places damaged",
    advice: "`rbtool inspect vmcore@0xbf2a000` says what is wrong with it.",
  },
  original: {
    means: "The area itself, where the memory also holds copies of it (a backup instance, a page cache).",
    example: "original",
    advice: "Read this one.",
  },
  copy: { means: "A copy of another area of the same memory.", example: "copy", advice: "Read the original." },
};

/** How event formats fit an image. */
export const FITS: Readonly<Record<Fit["verdict"], Entry>> = {
  fits: {
    means: "The event formats may be those of the kernel that wrote the image: its records agree with them.",
    example: "10460 of the image's 10460 records fit: the formats can be the writing kernel's",
    advice: "Nothing.",
  },
  wrong: {
    means: "The event formats are of another build: records are too short, too long, or hold impossible values.",
    example: "1372 of 2833 records do not fit them: 1131 are shorter than the fields of their format",
    advice: "Give the files of exactly the build that wrote the image. --force uses these anyway.",
  },
};

/** Where a buffer's memory comes from: this decides who may map it. */
export const MEMORY: Readonly<Record<MemoryKind, Entry>> = {
  reserve_mem: {
    means:
      "reserve_mem=SIZE:ALIGN:NAME on the kernel's command line: the kernel chooses the place, and finds it again.",
    example: "reserve_mem=12M:4096:trace",
    advice: "`rbtool mmap-layout --who-may-map` lists which kernels let a program map it.",
  },
  memmap: {
    means: "memmap=SIZE$ADDRESS, or the device tree: the place is given by address.",
    example: "memmap=12M$0x284500000 trace_instance=boot_map@0x284500000:12M",
    advice: "`rbtool mmap-layout --who-may-map` lists which kernels let a program map it.",
  },
  backup: {
    means: "A backup instance (since 6.19): a copy in ordinary memory that the boot makes of a persistent buffer.",
    example: "trace_instance=backup=boot_map",
    advice: "`rbtool mmap-layout --memory backup` shows it.",
  },
  ordinary: {
    means: "Memory of an ordinary buffer, which does not survive a reboot.",
    example: "instances/foo",
    advice: "Nothing of it is left after a crash.",
  },
};

/** What a record is. */
export const RECORDS: Readonly<
  Record<Exclude<(typeof RECORD_KIND_NAMES)[number], "padding" | "time-extend" | "time-stamp">, Entry>
> = {
  data: {
    means: "A record that holds an event: struct trace_entry, then the event's own fields.",
    example: "data  sched_switch  64 bytes",
    advice: "`rbtool page --system build.tar.gz dump.bin 0:26` names its fields.",
  },
};
