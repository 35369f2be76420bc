import type { CommandEntry } from "../spec/spec.js";

/** Every command, in the order of `rbtool help`. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "inspect",
    question: "Is it whole?",
    about: "what the writer left in the memory, and everything odd about it",
    load: async () => (await import("./inspect.js")).spec,
  },
  {
    name: "locate",
    question: "Is it whole?",
    about: "every persistent buffer in a machine's memory (vmcore, raw RAM, LiME...)",
    load: async () => (await import("./locate.js")).spec,
  },
  {
    name: "page",
    question: "Inside",
    about: "one sub-buffer side by side: bytes, and what they are",
    load: async () => (await import("./page.js")).spec,
  },
  {
    name: "mmap-layout",
    question: "Inside",
    about: "what a program that maps the buffer sees, and what each GET_READER changes",
    load: async () => (await import("./mmap-layout.js")).spec,
  },
  {
    name: "diff",
    question: "Inside",
    about: "the kernel's view against a mapping program's, or two images of one area",
    load: async () => (await import("./diff.js")).spec,
  },
  {
    name: "check",
    question: "What will the next boot do?",
    about: "what the next boot of a kernel would keep, drop and print",
    load: async () => (await import("./check.js")).spec,
  },
  {
    name: "recover",
    question: "Save it",
    about: "the area as a kernel's boot would leave it, or the best image that can be made",
    load: async () => (await import("./recover.js")).spec,
  },
  {
    name: "events",
    question: "What happened?",
    about: "every event, as text like the kernel's trace file or as JSON",
    load: async () => (await import("./events.js")).spec,
  },
  {
    name: "stats",
    question: "What happened?",
    about: "counts by event, task and CPU; rate, silences, losses",
    load: async () => (await import("./stats.js")).spec,
  },
  {
    name: "last",
    question: "What happened?",
    about: "what the machine was doing when it died: the answer first, then the evidence",
    load: async () => (await import("./last.js")).spec,
  },
  {
    name: "timeline",
    question: "What happened?",
    about: "what each CPU did over time, one lane per CPU",
    load: async () => (await import("./timeline.js")).spec,
  },
  {
    name: "latency",
    question: "What happened?",
    about: "how long calls, interrupts, waits and requests took, and where the worst case is",
    load: async () => (await import("./latency.js")).spec,
  },
  {
    name: "export",
    question: "Take it elsewhere",
    about: "the events in the format of another program",
    load: async () => (await import("./export.js")).spec,
  },
  {
    name: "sql",
    question: "Take it elsewhere",
    about: "the events of an image, or of a fleet's table, queried with SQL (needs DuckDB)",
    load: async () => (await import("./sql.js")).spec,
  },
  {
    name: "report",
    question: "Take it elsewhere",
    about: "one HTML file to mail: the answer, lanes, ring, verdicts, tables",
    load: async () => (await import("./report.js")).spec,
  },
  {
    name: "system",
    question: "Take it elsewhere",
    about: "what files or packages say about a kernel: event formats, symbols, strings, types",
    load: async () => (await import("./system.js")).spec,
  },
  {
    name: "formats",
    question: "Inside",
    about: "what a set of event formats contains, what cannot be decoded, and how it fits an image",
    load: async () => (await import("./formats.js")).spec,
  },
  {
    name: "collect-script",
    question: "Save it",
    about: "a shell script for a machine of the same build: it collects what reading events needs",
    load: async () => (await import("./collect-script.js")).spec,
  },
  {
    name: "explain",
    question: "Inside",
    about: "what a word in rbtool's output means, and what to do about it",
    load: async () => (await import("./explain.js")).spec,
  },
  {
    name: "completion",
    question: "Inside",
    about: "a script that completes rbtool's command lines in bash, zsh or fish",
    load: async () => (await import("./completion.js")).spec,
  },
  {
    name: "man",
    question: "Inside",
    about: "the man page of a command",
    load: async () => (await import("./man.js")).spec,
  },
];
