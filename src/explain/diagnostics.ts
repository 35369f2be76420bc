import type { DiagnosticCode } from "../ground/diagnostics.js";
import type { Entry } from "./entry.js";

const COMPUTED = "Nothing: the value follows from the rest of the area, and that is used.";
const NO_KERNEL = "No kernel takes such an area over as it is. `rbtool recover --salvage -o best.bin` mends it.";
const CHECK = "`rbtool check -k VERSION` says what a kernel would make of it.";
const REST = "The events before it are shown. `rbtool page` shows the bytes.";

/** Findings of `inspect` (docs/diagnostics.md lists these examples). */
export const DIAGNOSTICS: Readonly<Record<DiagnosticCode, Entry>> = {
  "input-incomplete": {
    means: "The compressed file ends too early. What comes before its end is read.",
    example: "dump.gz: gzip: unexpected end of file: reading the 294912 bytes before it (at offset 0x48000)",
    advice: "Copy the file again if you can.",
  },
  "boot-meta-magic": {
    means: "The area does not begin with the magic number 0x0badfeed of struct ring_buffer_meta.",
    example: "magic is 0xbadfeec, not 0x0badfeed (at offset 0x0)",
    advice: NO_KERNEL,
  },
  "boot-meta-struct-sizes": {
    means:
      "struct_sizes, which tells a kernel that its structs are laid out as the writer's, is not what a kernel writes.",
    example: "struct_sizes is 0x180021, not 0x180020 (at offset 0x4)",
    advice: NO_KERNEL,
  },
  "boot-meta-total-size": {
    means: "total_size is not the size of the area.",
    example: "total_size is 0x80001; the CPUs imply 0x80000 (at offset 0x8)",
    advice: NO_KERNEL,
  },
  "boot-meta-buffers-offset": {
    means: "buffers_offset does not lead to the first CPU's meta.",
    example: "buffers_offset is 0x2031; the first CPU's meta lies at 0x2030 (at offset 0x10)",
    advice: NO_KERNEL,
  },
  "image-truncated": {
    means: "The file is shorter than the area that it begins.",
    example:
      "the file ends at 300000 of 524288 bytes: CPU 1 from sub-buffer 7 on is missing; copy it again (at offset 0x493e0)",
    advice: "Copy the whole area: its size is in the kernel's command line and in the boot meta.",
  },
  "image-holes": {
    means: "A dump of the machine's memory lacks some pages of the area. They count as lost.",
    example: "the dump does not have 8192 bytes of the area (at offset 0x5000)",
    advice: "Save the area itself, or make the dump without leaving pages out (makedumpfile -d 0).",
  },
  "image-translated": {
    means:
      "A program on the way took the bytes for text and changed some of them. Numbers that hold such bytes are wrong wherever " +
      "they stand, and nothing tells which; where bytes were taken out, all that is behind them is not where it should be.",
    example:
      "a terminal or a program wrote every byte 0d as 0a: none is left; copy the image again in binary mode (stty raw, ssh without -t) (at offset 0x2050)",
    advice: "Save the memory again, and send it as binary or packed. What is read of this image is not to be trusted.",
  },
  "layout-guessed": {
    means: "Every CPU's meta is gone. The number of CPUs is what fits the rest of the area best.",
    example:
      "the metas of all CPUs are gone: 2 CPUs of 62 sub-buffers is what buffers[] and the sub-buffers fit best (at offset 0x2030)",
    advice: "If you know the writing kernel's nr_cpu_ids, give it with --writer-cpus.",
  },
  "layout-contradicted": {
    means: "The given number of CPUs is not the one that the image's own metas prove. What is read with it is wrong.",
    example: "the metas describe 2 CPUs of 62 sub-buffers, not the 3 CPUs that were given (at offset 0x2030)",
    advice: "Leave --writer-cpus out: it is for images whose metas are lost.",
  },
  "scratch-clock": {
    means: "The scratch area names a trace clock that no kernel has.",
    example: "clock_id 200 is not a trace clock (at offset 0x18)",
    advice: "Nothing. Times are shown as nanoseconds.",
  },
  "scratch-entries": {
    means: "The scratch area lists more modules than it has room for.",
    example: "4294967295 modules listed, room for 128 (at offset 0x28)",
    advice: "Symbols of modules may be missing. Events are not affected.",
  },
  "cpu-meta-magic": {
    means: "In an image of 6.12 to 6.14, a CPU's meta does not begin with the magic number.",
    example: "magic is 0x0, not 0x0badfeed (at offset 0x40000)",
    advice: NO_KERNEL,
  },
  "cpu-meta-struct-size": {
    means: "In an image of 6.12 to 6.14, a CPU's meta does not have the size that a kernel writes.",
    example: "struct_size is 57, not 56 (at offset 0x40004)",
    advice: NO_KERNEL,
  },
  "cpu-meta-subbuf-size": {
    means: "A CPU's meta does not tell the sub-buffer size that the layout implies.",
    example: "subbuf_size is 0; the layout implies 4096 (at offset 0x2048)",
    advice: COMPUTED,
  },
  "cpu-meta-nr-subbufs": {
    means: "A CPU's meta does not tell the number of sub-buffers that the layout implies.",
    example: "nr_subbufs is 0; the layout implies 62 (at offset 0x204c)",
    advice: COMPUTED,
  },
  "buffers-out-of-range": {
    means: "An entry of buffers[], which gives the order of the sub-buffers, names one that does not exist.",
    example: "buffers[3] is 1000: there are 62 sub-buffers (at offset 0x205c)",
    advice: CHECK,
  },
  "buffers-duplicate": {
    means: "Two entries of buffers[] name the same sub-buffer.",
    example: "buffers[5] is 4, the same as buffers[4] (at offset 0x2064)",
    advice: CHECK,
  },
  "first-buffer-mismatch": {
    means: "first_buffer, a CPU's address for its first sub-buffer, is not where the other CPUs say that the area lay.",
    example: "first_buffer is 0x0; the other CPUs imply 0xffff88817ff49000 (at offset 0x2030)",
    advice: CHECK,
  },
  "head-out-of-range": {
    means: "head_buffer does not point at one of the CPU's sub-buffers, so it is not known where unread data begins.",
    example: "head_buffer 0x1 is not a sub-buffer of this CPU (at offset 0x2038)",
    advice: "Kernels reset such a CPU. rbtool takes the order from the time stamps.",
  },
  "commit-out-of-range": {
    means: "commit_buffer does not point at one of the CPU's sub-buffers, so it is not known where the data ends.",
    example: "commit_buffer 0x1 is not a sub-buffer of this CPU (at offset 0x2040)",
    advice: "Kernels reset such a CPU. rbtool takes the order from the time stamps.",
  },
  "buffers-inferred": {
    means: "Damaged entries of buffers[] can only stand for the sub-buffers that no other entry names.",
    example: "1 damaged entry of buffers[] stands for the only sub-buffer left (at offset 0x2050)",
    advice: COMPUTED,
  },
  "live-inferred": {
    means: "Head or commit is lost. Which sub-buffers are unread is worked out from their time stamps.",
    example: "head or commit is lost: what is unread is worked out from the sub-buffers' times (at offset 0x2030)",
    advice: "Look at the first and last events: consumed ones may be among them.",
  },
  "subbuf-commit": {
    means: "A sub-buffer says that it holds more bytes than there is room for, or an impossible number.",
    example: "commit 65535 is more than the 4080 bytes of a sub-buffer (at offset 0x3008)",
    advice: "Nothing: its records tell where it ends.",
  },
  "subbuf-empty": {
    means: "A sub-buffer between head and commit holds nothing, though it must have held events.",
    example: "it lies between head and commit, but nothing is committed in it: its events are lost (at offset 0xf8008)",
    advice: "Its events are gone.",
  },
  "subbuf-unreadable": {
    means: "A sub-buffer's bytes are no records at all.",
    example: "none of its 4080 committed bytes can be read as an event (at offset 0x5000)",
    advice: "Its events are gone. `rbtool page` shows what is there.",
  },
  "subbuf-torn": {
    means:
      "The memory did not survive whole: bytes of another moment break the records off. They are read on after each break.",
    example: "its records break off in 2 places: 81 events are read, 3 of them in doubt (at offset 0x5040)",
    advice: "`~` marks times that are estimates, `?` events in doubt; --sure leaves the latter out (docs/torn.md).",
  },
  "subbuf-duplicate": {
    means: "A sub-buffer holds the same events as another one.",
    example: "it holds the same events as another sub-buffer; its own are lost (at offset 0x5000)",
    advice: "They are shown once.",
  },
  "subbuf-older-lap": {
    means:
      "A sub-buffer that should hold unread events is whole, but of an earlier lap of the ring: what the writer put " +
      "there since did not reach memory.",
    example:
      "all of it is from an earlier lap, starting at time stamp 7012345678: what was written here since then is lost (at offset 0x5000)",
    advice:
      "Its own events are gone, or its time stamp is damaged. `rbtool events --consumed` and `recover --salvage` have those it holds.",
  },
  "subbuf-time": {
    means: "A sub-buffer's time stamp cannot be true where it stands.",
    example:
      "time stamp 9223372036854775807 does not fit between its neighbours: its events are given times that do (at offset 0x5000)",
    // native_sched_clock(), arch/x86/kernel/tsc.c: jiffies, until the TSC is calibrated.
    advice:
      "Its events are shown, with times that lie between those of its neighbours. Where the trace begins with the boot, it may be " +
      "the clock itself that went back, to before the sub-buffer began: x86 counts jiffies until it has calibrated the TSC. " +
      "--strict shows the times as written.",
  },
  "subbuf-order": {
    means: "A sub-buffer's time puts it elsewhere than buffers[], head and commit do.",
    example:
      "its time stamp disagrees with buffers[], head and commit about its place: it is read where its time puts it (at offset 0x5000)",
    advice: "Nothing: its events are shown where their time belongs.",
  },
  "subbuf-missed-events": {
    means: "The writer overwrote events before this sub-buffer, or a boot dropped them. That is not damage.",
    example: "12 events were lost before this sub-buffer (at offset 0x3000)",
    advice: "A larger area keeps more.",
  },
  "record-bad-length": {
    means: "A record's length is impossible, so what follows it in the sub-buffer cannot be found.",
    example: "a record has an impossible length; the remaining 800 bytes cannot be walked (at offset 0x3cf0)",
    advice: REST,
  },
  "record-truncated": {
    means: "A record is longer than what is left of the sub-buffer's committed data.",
    example: "a record runs past the committed data; the remaining 12 bytes cannot be walked (at offset 0x3ff4)",
    advice: REST,
  },
  "record-no-event": {
    means: "A record is too short to be an event.",
    example: "a record holds no event; the remaining 800 bytes cannot be walked (at offset 0x3cf0)",
    advice: REST,
  },
  "record-time-backwards": {
    means: "An absolute time stamp lies before the events that it follows.",
    example:
      "an absolute time stamp is earlier than the time so far; the remaining 800 bytes cannot be walked (at offset 0x4ff0)",
    advice: REST,
  },
};
