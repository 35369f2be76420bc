import { MODULE_DATA, MODULE_ORDER } from "../events/event.js";
import type { Evidence, Repair, SubbufState } from "../reading/evidence.js";
import type { DoubtCode } from "../reading/resync/explain.js";
import type { TornKind } from "../reading/torn-places.js";
import type { Entry } from "./entry.js";

/** What a sub-buffer is. */
export const STATES: Readonly<Record<SubbufState, Entry>> = {
  unread: {
    means: "It holds events that nobody has read yet.",
    example: "1  0@27  unread  84 events",
    advice: "`rbtool events` shows them.",
  },
  consumed: {
    means: "A reader took its events, or they are an earlier lap's. Its bytes may still be there.",
    example: "2  3@3  consumed",
    advice: "`rbtool events --consumed` shows what is left.",
  },
  empty: {
    means: "Nothing was ever committed in it, or all of it was cleared.",
    example: "61 62@61  empty",
    advice: "Nothing: a ring that has not filled up yet has such sub-buffers.",
  },
  dropped: {
    means: "An earlier boot found it invalid and threw it out. Only the mark of lost events is left (since 7.2).",
    example: "12 12@12  dropped",
    advice: "An image from before that boot has its events. Look for an older copy.",
  },
  lost: {
    means: "It should hold unread events, and none of it can be read.",
    example: "CPU 0: 1 sub-buffer holds records that cannot be read",
    advice: "`rbtool page` shows its bytes.",
  },
};

/** Why a sub-buffer is believed, or is not (`recover --salvage`, `page`). */
export const EVIDENCE: Readonly<Record<Exclude<Evidence, SubbufState>, Entry>> = {
  "consumed-intact": {
    means: "It was read before the crash, and its commit and time stamp are untouched (6.18 to 7.1).",
    example: "CPU 0, index 4: kept, consumed-intact",
    advice: "Nothing: `rbtool events --consumed` and `recover --salvage` have its events.",
  },
  "consumed-commit-zeroed": {
    means: "It was read, and its commit was zeroed (6.12 to 6.16). Its records lead exactly to the end of the page.",
    example: "CPU 0, index 4: kept, consumed-commit-zeroed",
    advice: "Nothing: `rbtool events --consumed` and `recover --salvage` have its events.",
  },
  "consumed-all-zeroed": {
    means:
      "It was read, and commit and time stamp were zeroed (since 7.2). Its records lead to the end of the page; every time " +
      "in it is the latest possible.",
    example: "CPU 0, index 4: kept, consumed-all-zeroed",
    advice: "Take its times as bounds: `--json-lines` has them as timeBounds.",
  },
  "older-lap": {
    means:
      "It should hold unread events, and is whole, but its time is from before the ring's first: an earlier lap's, or damaged.",
    example: "CPU 0, index 4: kept, older-lap",
    advice: "`rbtool events --consumed` and `recover --salvage` have its events, before all others.",
  },
  "no-records": {
    means: "Nothing in it can be a record.",
    example: "CPU 0, index 9: left out, no-records",
    advice: "`rbtool page` shows its bytes.",
  },
  stale: {
    means: "Its time does not fit the ring: it is from an earlier lap or an earlier boot. It is not shown.",
    example: "CPU 0, index 9: left out, stale",
    advice: "`rbtool page` shows what it holds.",
  },
  duplicate: {
    means: "The same records are in another sub-buffer. They are shown once.",
    example: "CPU 0, index 9: left out, duplicate",
    advice: "Nothing: no event is missing.",
  },
};

/** What had to be mended to believe it. */
export const REPAIRS: Readonly<Record<Repair, Entry>> = {
  "commit-from-records": {
    means: "The commit was impossible. The records tell where the data ends.",
    example: "its commit 65535 is impossible: its records end at 4080",
    advice: "Be careful with its last events: whatever followed them is lost.",
  },
  "cut-at-damage": {
    means: "What follows the last good record is cut off.",
    example: "the records behind 0x1c4a4 cannot be read",
    advice: "`rbtool page` shows the bytes behind the cut.",
  },
  resynchronised: {
    means: "Its records break off and begin again, because some of its bytes are not its own (docs/torn.md).",
    example: "CPU 1, index 7: kept, resynchronised",
    advice: "`--sure` leaves out the events that may hold foreign bytes.",
  },
  "time-from-neighbours": {
    means: "Its time stamp was impossible. It gets one between its neighbours', as late as they allow.",
    example: "time stamp 9223372036854775807 does not fit between its neighbours",
    advice: "Take its times as bounds: `--json-lines` has them as timeBounds.",
  },
  "order-from-time": {
    means: "Its place did not fit its time. It stands where its time does.",
    example: "CPU 0, index 9: kept, order-from-time",
    advice: "Nothing: the events are in the order of their times.",
  },
};

/** Why an event is marked with `?`. */
export const DOUBTS: Readonly<Record<DoubtCode | typeof MODULE_ORDER | typeof MODULE_DATA, Entry>> = {
  [MODULE_DATA]: {
    means:
      "A value of it is a name or a text in a module's data. Where that lay is inferred from addresses in records, so the value may " +
      "be another; the event itself is not in doubt, and has no mark.",
    example: '"doubt":["module-data"],"doubtfulFields":["ops"]',
    advice: "`rbtool system --image` shows by which addresses the place was inferred.",
  },
  [MODULE_ORDER]: {
    means:
      "Numbers of modules' events follow the order in which the modules were loaded, and what is known leaves several: this " +
      "one's number may be another event's.",
    example: "<...>-512     [001] .....     7.101234: ? ext4_da_write_begin: ...",
    advice: "--module-order takes /proc/modules of the writing boot; --sure leaves such events out.",
  },
  "line-border": {
    means:
      "The record reaches over the border of a 64-byte cache line next to a break. The part beyond it may not be its own.",
    example: "<...>-512     [001] d..2.    ~7.101234: ? sched_switch: ...",
    advice: "--sure leaves such events out.",
  },
  "stale-line": {
    means: "The cache line that the record lies in seems to hold an older moment.",
    example: "<...>-77      [000] d..2.    ~7.100987: ? sched_waking: ...",
    advice: "--sure leaves such events out.",
  },
  "switch-prev": {
    means: "It switches away from a task that was not running: one of the two events is from another moment.",
    example: "<...>-512     [001] d..2.    ~7.101234: ? sched_switch: prev_comm=...",
    advice: "--sure leaves such events out.",
  },
  duplicate: {
    means: "Several events in a row, time deltas and all, are also in another sub-buffer: memory was copied.",
    example: "<...>-77      [000] d..2.    ~7.100987: ? sched_waking: ...",
    advice: "--sure leaves such events out; those in the other sub-buffer stay where their times are exact.",
  },
};

const FLUSH =
  "Make sure that the caches are flushed before a reset (panic, watchdog, firmware), or map the area uncached.";

/** What bytes that are not believed look like (`inspect`). */
export const TORN_KINDS: Readonly<Record<TornKind, Entry>> = {
  "stale-lines": {
    means:
      "Cache lines that were not written back: they hold what was there a moment, or one lap of the ring, earlier.",
    example: "83 places look like cache lines of 64 bytes that were not written back",
    advice: FLUSH,
  },
  "zeroed-lines": {
    means: "Cache lines of zeros: they were never written back to memory that was cleared before.",
    example: "120 places look like cache lines of 64 bytes that were cleared, or never written back to cleared memory",
    advice: FLUSH,
  },
  "single-bits": {
    means: "Flip one bit and the bytes are an event like the others: memory that lost its refresh.",
    example: "14 places look like single bits that changed: memory that lost its refresh",
    advice: "The machine was without power for too long, or its memory is bad.",
  },
  overwritten: {
    means: "Longer ranges hold something else: firmware, a boot loader or another kernel wrote there.",
    example: "7 places look like ranges that something else overwrote: 23164 bytes",
    advice: "Reserve the area in the device tree or with memmap=, at an address that nothing else uses during boot.",
  },
  "foreign-data": {
    means: "Longer ranges hold other data that can be recognised: text, a device tree, an ELF or compressed file.",
    example: "2 places look like other data (text, a device tree) that was written over it: 8192 bytes",
    advice: "Find out who wrote it: that program or firmware does not know that the memory is reserved.",
  },
  "cut-off": {
    means: "The file ends before the area does, so its last sub-buffers are missing.",
    example: "19 sub-buffers are not in the file, in whole or in part: it was cut short",
    advice: "Copy the area again, all of it: inspect says how many bytes it has.",
  },
  unclear: {
    means: "The place is too short to tell what it is, or it begins and ends at no telling border.",
    example: "61 places look like bytes that are no event's; what wrote them is not clear",
    advice: "`rbtool inspect` lists the places, `rbtool page` shows their bytes.",
  },
};
