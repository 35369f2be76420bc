import type { Entry } from "./entry.js";

/** Titles of the tables' columns whose name alone does not say what stands below. */
export const TABLE_COLUMNS: Readonly<Record<string, Entry>> = {
  role: {
    means:
      "What a sub-buffer is in the ring: reader (outside it), head (the next to be read), commit (written last), or ring. " +
      "In `locate`: whether an area is the original or a copy.",
    example: "26     25  head",
    advice: "`rbtool explain reader page` and `rbtool explain head page` say more.",
  },
  state: {
    means:
      "What is in a sub-buffer: unread, consumed, empty, dropped or lost. In `inspect` a CPU's worst one, in `locate` whether " +
      "the area is proven and sound.",
    example: " 0     27  reader  unread",
    advice: "`rbtool explain` explains each state by its name.",
  },
  verdict: {
    means: "In `check`: what becomes of the events when that kernel boots.",
    example: "7.2    loses events",
    advice: "Salvage the events first where it is not `keeps everything`: `rbtool recover --salvage`.",
  },
  kept: {
    means: "In `check`: events that can be read after that kernel's boot.",
    example: "6.16 and later  keeps everything  10460",
    advice: "Nothing, where `lost` is 0.",
  },
  "readable but lost": {
    means: "In `check`: events that rbtool reads in the image, and that boot throws away.",
    example: "CPU 0  emptied  ...  5218",
    advice: "Before that boot, `rbtool recover --salvage -o saved.bin dump.bin` writes them to a file.",
  },
  "pages rewound": {
    means: "In `check`: sub-buffers that had been read already and that the boot puts back into the ring.",
    example: "CPU 0  kept  ...  4",
    advice: "`rbtool explain rewound` says which kernels do it.",
  },
  "pages dropped": {
    means: "In `check`: sub-buffers whose contents the boot throws away.",
    example: "CPU 0  kept  ...  1",
    advice: "The column `reason` says why; `rbtool explain` explains it.",
  },
  "oldest event": {
    means: "In `check`: the time of the oldest event that the CPU has after the boot.",
    example: "5.638333",
    advice: "Nothing.",
  },
  "kernel reads": {
    means: "In `diff`: when the kernel reads these sub-buffers, counted from 1.",
    example: "4-37          28-61      28-61",
    advice: "A program that maps the buffer gets this order by TRACE_MMAP_IOCTL_GET_READER.",
  },
  "read as": {
    means: "In `mmap-layout`: when the sub-buffer is read, counted from 1; - is never.",
    example: "0x1c000       27          0  reader  unread        1",
    advice: "`rbtool mmap-layout --steps all` shows each step of the reading.",
  },
  "kernel id": {
    means: "A sub-buffer's number in the kernel: its position in buffers[].",
    example: "26@25: id 26, at index 25",
    advice: "`rbtool page dump.bin 0:26` shows it.",
  },
  "user id": {
    means: "A sub-buffer's number for a program that maps the buffer: its place in memory, which reader.id names.",
    example: "26@25: user id 25",
    advice: "`rbtool page dump.bin 0:@25` shows it.",
  },
  "reading upwards": {
    means: "In `diff`: whether the events come in order for a program that reads sub-buffers 0, 1, 2 and so on.",
    example: "4-37  28-61  28-61  0  ring  unread  2871  too late",
    advice: "Such a program should follow reader.id and GET_READER instead.",
  },
  "map offset": {
    means:
      "In `mmap-layout`: where the sub-buffer begins in the mapping; the user meta page lies before the first one.",
    example: "0x1000",
    advice: "Nothing.",
  },
  piece: {
    means: "In `mmap-layout`: a part of the image, in the order in which it lies there.",
    example: "CPU 0 meta  0x2030",
    advice: "Nothing.",
  },
  evidence: {
    means: "What of a sub-buffer's bytes says that its events are to be believed.",
    example: "CPU 1  12  0x4c000  left out  stale",
    advice: "`rbtool explain` explains each by its name.",
  },
  mended: {
    means: "In `recover`: what had to be repaired in a sub-buffer so that a kernel takes it.",
    example: "commit-from-records, events lost before",
    advice: "`rbtool explain` explains each repair by its name.",
  },
  losses: {
    means: "In `stats`: places at which events of the CPU are missing; the column `lost` has how many events.",
    example: "losses 2  lost 117",
    advice: "`rbtool events --lost` lists the events before which others are missing.",
  },
  "longest silence": {
    means: "In `stats`: the longest time between two events of the CPU.",
    example: "205.759 ms",
    advice: "An idle CPU is silent too: `rbtool timeline` shows which it was.",
  },
  "silence of all": {
    means: "In `stats`: a time in which no CPU has an event.",
    example: "80.100 ms  155.003100  155.083200",
    advice: "`rbtool events --around TIME` shows what is before and after.",
  },
  "time back": {
    means: "In `stats`: events of the CPU whose time is before that of the event ahead of them.",
    example: "time back 1",
    advice: "If it is not 0, the memory may be damaged, or the clock was not steady: `rbtool inspect` says which.",
  },
  open: {
    means: "In `latency`: how many of these had begun and not ended at the trace's end.",
    example: "read  196  5.8 ms  1.12 s  1.15 s  1",
    advice: "`rbtool last` lists them.",
  },
  "worst case": {
    means: "In `latency`: where the longest one began: CPU, time, and offset of the event in the image.",
    example: "1 5.734144 @0x43150",
    advice: "`rbtool events --around 5.734144 dump.bin` shows what happened there.",
  },
  "written by": {
    means: "In `locate`: which kernels write a buffer of this layout.",
    example: "6.16 and later",
    advice: "Nothing.",
  },
  "what they seem to be": {
    means: "In `locate --deep`: where sub-buffers outside of any area are likely to come from.",
    example: "24  1966  a buffer of 6 CPUs",
    advice: "`rbtool events` reads them too, where their events can be told.",
  },
  "not told": {
    means: "In `formats`: the part of an event's text that rbtool cannot print, as it stands in a line instead.",
    example: "<__print_hex_dump(3 raw values)>",
    advice: "The column `why` says what is missing; BTF (`--btf`) often helps.",
  },
  "why not": {
    means: "In `formats`: in which way records of the image contradict the format of their event.",
    example: "297  sched:sched_stat_runtime  297  shorter than its fields",
    advice: "Take the formats of the kernel that wrote the image.",
  },
};
