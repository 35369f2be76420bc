import type { CommandModule } from "./command.js";

interface CommandEntry {
  readonly name: string;
  /** One line for `rbtool help`. */
  readonly summary: string;
  /** Loads the command: only the one that is called, for a quick start. */
  readonly load: () => Promise<CommandModule>;
}

/** Every command, in the order of `rbtool help`. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "inspect",
    summary: "what the writer left in the memory, and everything odd about it",
    load: () => import("./inspect.js"),
  },
  {
    name: "page",
    summary: "one sub-buffer as an annotated hexdump, record by record",
    load: () => import("./page.js"),
  },
  {
    name: "mmap-layout",
    summary: "what a program sees that maps the buffer, and what each GET_READER changes",
    load: () => import("./mmap-layout.js"),
  },
  {
    name: "diff",
    summary: "the kernel's view against a mapping program's, or two images of one area",
    load: () => import("./diff.js"),
  },
  {
    name: "check",
    summary: "what the next boot of a kernel would keep, drop and print",
    load: () => import("./check.js"),
  },
  {
    name: "recover",
    summary: "the area as a kernel's boot would leave it, or the best image that can be made",
    load: () => import("./recover.js"),
  },
  {
    name: "events",
    summary: "every event, as text like the kernel's trace file or as JSON",
    load: () => import("./events.js"),
  },
  {
    name: "stats",
    summary: "counts by event, task and CPU; rate, silences, losses",
    load: () => import("./stats.js"),
  },
  {
    name: "export",
    summary: "the events in the format of another program",
    load: () => import("./export.js"),
  },
  {
    name: "system",
    summary: "what files or packages know of a kernel: event formats, symbols, strings, types",
    load: () => import("./system.js"),
  },
  {
    name: "formats",
    summary: "what a set of event formats has, what of it cannot be told, and its fit to an image",
    load: () => import("./formats.js"),
  },
  {
    name: "collect-script",
    summary: "a shell script that collects what reading events needs, from a machine of the same build",
    load: () => import("./collect-script.js"),
  },
];
