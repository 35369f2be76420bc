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
    advice: "Give the kernel a larger area, or fewer CPUs.",
  },
  "boot-meta-magic": { means: "The area does not begin with the magic number.", advice: ALL },
  "boot-meta-struct-sizes": { means: "The structs are not laid out as this kernel's.", advice: ALL },
  "boot-meta-total-size": { means: "The area's size is not the one that the writer had.", advice: ALL },
  "boot-meta-offset-outside": { means: "buffers_offset lies outside the area.", advice: ALL },
  "boot-meta-buffers-offset": { means: "buffers_offset is not where this kernel puts the first CPU.", advice: ALL },
  "scratch-invalid": {
    means: "The scratch area does not make sense: the kernel ignores it.",
    advice: "Events are kept. Addresses of the writing boot are not translated.",
  },
  "clock-invalid": {
    means: "The scratch area names a clock that this kernel does not have: it takes the area for invalid.",
    advice: ALL,
  },
  "clock-restored": {
    means: "The kernel sets the instance's trace clock to the one the events were written with.",
    advice: "Nothing.",
  },
  "cpu-meta-magic": { means: "A CPU's meta does not begin with the magic number (6.12 to 6.14).", advice: CPU },
  "cpu-meta-sizes": { means: "A CPU's sizes do not add up to its room in the area.", advice: CPU },
  "cpu-meta-subbuf-size": { means: "A CPU's sub-buffers are not as large as this kernel's.", advice: CPU },
  "cpu-meta-nr-subbufs": {
    means: "A CPU does not have as many sub-buffers as this kernel would give it.",
    advice: CPU,
  },
  "head-out-of-range": { means: "head_buffer is no sub-buffer of this CPU.", advice: CPU },
  "commit-out-of-range": { means: "commit_buffer is no sub-buffer of this CPU.", advice: CPU },
  "buffers-out-of-range": { means: "buffers[] names a sub-buffer that does not exist.", advice: CPU },
  "buffers-duplicate": { means: "buffers[] names a sub-buffer twice.", advice: CPU },
  "buffers-outside-area": { means: "buffers[] leads outside the area.", advice: CPU },
  "commit-page-not-found": {
    means: "Going from the head on, the kernel never comes to the commit page.",
    advice: CPU,
  },
  "pages-not-mapped": { means: "The kernel reaches a page that no memory is behind.", advice: CPU },
  "reader-page-invalid": { means: "The reader page holds something that no event can be.", advice: CPU },
  "commit-too-large": { means: "A sub-buffer says that it holds more bytes than it has room for.", advice: PAGE },
  "event-length": { means: "An event's length runs past the committed data.", advice: PAGE },
  "absolute-time-backwards": { means: "An absolute time stamp lies before the time so far.", advice: PAGE },
  "time-before-previous-page": {
    means: "A consumed page is older than the one before it: rewinding ends there.",
    advice: PAGE,
  },
  "time-after-next-page": { means: "A page's last event is later than the next page's time stamp.", advice: PAGE },
  "kernel-fault": {
    means: "The kernel itself crashes while it reads this area, at every boot until the memory is cleared.",
    advice: "Copy the area, then boot without trace_instance= or clear it.",
  },
  "kernel-hang": {
    means: "The kernel walks one sub-buffer for ever, at every boot until the memory is cleared.",
    advice: "Copy the area, then boot without trace_instance= or clear it.",
  },
};
