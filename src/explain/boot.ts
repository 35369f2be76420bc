import type { BootCode } from "../kernel/finding.js";
import type { Entry } from "./entry.js";

const ALL = "Every CPU is reset: all events are lost at that boot. Copy the area first.";
const CPU = "That CPU is reset: its events are lost at that boot. Copy the area first.";
const PAGE =
  "Up to 7.1 the whole CPU is emptied; since 7.2 that sub-buffer alone is dropped and marked as lost events.";

/** Reasons that `check` gives: what a kernel finds at boot. */
export const BOOT: Readonly<Record<BootCode, Entry>> = {
  "area-too-small": {
    means: "The area has no room for a buffer of so many CPUs.",
    example: "Tracing: Failed to create instance buffer 'boot_map' (-12)",
    advice: "Give the kernel a larger area, or fewer CPUs.",
  },
  "boot-meta-magic": {
    means: "The area does not begin with the magic number.",
    example: "Ring buffer boot meta mismatch of magic",
    advice: ALL,
  },
  "boot-meta-struct-sizes": {
    means: "The structs are not laid out as this kernel expects.",
    example: "Ring buffer boot meta mismatch of struct size",
    advice: ALL,
  },
  "boot-meta-total-size": {
    means: "The area's size is not the one that the writer had.",
    example: "Ring buffer boot meta mismatch of total size",
    advice: ALL,
  },
  "boot-meta-offset-outside": {
    means: "buffers_offset lies outside the area.",
    example: "Ring buffer boot meta mismatch of offset outside of total size",
    advice: ALL,
  },
  "boot-meta-buffers-offset": {
    means: "buffers_offset is not where this kernel puts the first CPU.",
    example: "Ring buffer boot meta mismatch of first buffer offset",
    advice: ALL,
  },
  "scratch-invalid": {
    means: "The scratch area does not make sense: the kernel ignores it.",
    example: "the scratch area claims 4000 modules: more than it has room for",
    advice: "Events are kept. Addresses of the writing boot are not translated.",
  },
  "clock-invalid": {
    means: "The scratch area names a clock that this kernel does not have: it takes the area for invalid.",
    example: "the previous trace_clock info is not valid.",
    advice: ALL,
  },
  "clock-restored": {
    means: "The kernel sets the instance's trace clock to the one the events were written with.",
    example: "the scratch area names trace clock 2: setting it empties CPU 0, which is up by then",
    advice: "Nothing.",
  },
  "cpu-meta-magic": {
    means: "A CPU's meta does not begin with the magic number (6.12 to 6.14).",
    example: "Ring buffer boot meta[0] mismatch of magic or struct size",
    advice: CPU,
  },
  "cpu-meta-sizes": {
    means: "A CPU's sizes do not add up to its room in the area.",
    example: "Ring buffer boot meta [1] mismatch of subbuf_size/nr_pages",
    advice: CPU,
  },
  "cpu-meta-subbuf-size": {
    means: "A CPU's sub-buffers are not as large as this kernel's.",
    example: "Ring buffer boot meta [1] invalid subbuf_size",
    advice: CPU,
  },
  "cpu-meta-nr-subbufs": {
    means: "A CPU does not have as many sub-buffers as this kernel would give it.",
    example: "Ring buffer boot meta [1] invalid nr_subbufs",
    advice: CPU,
  },
  "head-out-of-range": {
    means: "head_buffer is not a sub-buffer of this CPU.",
    example: "Ring buffer boot meta [0] head buffer out of range",
    advice: CPU,
  },
  "commit-out-of-range": {
    means: "commit_buffer is not a sub-buffer of this CPU.",
    example: "Ring buffer boot meta [0] commit buffer out of range",
    advice: CPU,
  },
  "buffers-out-of-range": {
    means: "buffers[] names a sub-buffer that does not exist.",
    example: "Ring buffer boot meta [0] array out of range",
    advice: CPU,
  },
  "buffers-duplicate": {
    means: "buffers[] names a sub-buffer twice.",
    example: "Ring buffer boot meta [0] array has duplicates",
    advice: CPU,
  },
  "buffers-outside-area": {
    means: "buffers[] leads outside the area, or the meta counts fewer sub-buffers than the kernel does.",
    example: "failed to allocate ring buffer on CPU 1",
    advice:
      "Where it is the boot CPU's, the instance is not made at all; another CPU does not come up. Copy the area first.",
  },
  "commit-page-not-found": {
    means: "Starting from the head, the kernel never reaches the commit page.",
    example: "Ring buffer meta [0] commit page not found",
    advice: CPU,
  },
  "pages-not-mapped": {
    means: "The kernel reaches a page with no memory behind it.",
    example: "Ring buffer meta buffers not all mapped",
    advice: CPU,
  },
  "reader-page-invalid": {
    means: "The reader page holds something that cannot be an event.",
    example: "Ring buffer reader page is invalid",
    advice: CPU,
  },
  "commit-too-large": {
    means: "A sub-buffer says that it holds more bytes than it has room for.",
    example: "Ring buffer boot meta [0] buffer invalid commit",
    advice: PAGE,
  },
  "event-length": {
    means: "An event's length runs past the committed data.",
    example: "CPU 0, sub-buffer index 12 (id 12): an event has an impossible length (at offset 0xe4a4)",
    advice: PAGE,
  },
  "absolute-time-backwards": {
    means: "An absolute time stamp lies before the time so far.",
    example: "CPU 0, sub-buffer index 12 (id 12): an absolute time stamp goes back (at offset 0xe4a4)",
    advice: PAGE,
  },
  "time-before-previous-page": {
    means: "A consumed page is older than the one before it: rewinding ends there.",
    example: "CPU 0, sub-buffer index 12 (id 12): it ends before the previous page does (at offset 0xe000)",
    advice: PAGE,
  },
  "time-after-next-page": {
    means: "A page's last event is later than the next page's time stamp.",
    example: "CPU 0, sub-buffer index 12 (id 12): it ends after the next page begins (at offset 0xe000)",
    advice: PAGE,
  },
  "kernel-fault": {
    means: "The kernel itself crashes while it reads this area, at every boot until the memory is cleared.",
    example: "Linux 6.16.12 would crash on this image",
    advice: "Copy the area, then boot without trace_instance= or clear it.",
  },
  "kernel-hang": {
    means: "The kernel walks one sub-buffer forever, at every boot until the memory is cleared.",
    example: "Linux 6.16.12 would hang on this image",
    advice: "Copy the area, then boot without trace_instance= or clear it.",
  },
};
