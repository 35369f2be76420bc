import { UsageError } from "../../ground/errors.js";
import { parseRelease } from "../../ground/release.js";
import type { OptionGroup, OptionSpec } from "../../spec/spec.js";
import type { ContextSources } from "../../system/load.js";
import { withAnother } from "../command.js";
import type { KernelOptions } from "./chosen-kernel.js";

/** The options that say what is known of the writing kernel. */
export interface ContextOptions extends KernelOptions {
  readonly system?: readonly string[];
  readonly events?: string;
  readonly kallsyms?: string;
  readonly printkFormats?: string;
  readonly cmdlines?: string;
  readonly btf?: string;
  readonly live?: boolean;
}

export const MODULE_ORDER_OPTION: OptionSpec = {
  flags: "--module-order <file>",
  about:
    "the order in which modules were loaded: /proc/modules of the writing boot, lsmod's output, or one name a line",
  completes: "file",
};
const FORCED = "proceed even if the kernel, or the event formats, are not those that wrote the image";
const FORCE_OPTION: OptionSpec = { flags: "--force", about: FORCED };
/** The same where a file is written, too. */
export const FORCE_WRITING_OPTION: OptionSpec = { flags: "--force", about: `${FORCED}; overwrite existing files` };
export const BTF_OPTION: OptionSpec = {
  flags: "--btf <path>",
  about: "/sys/kernel/btf/vmlinux of that build, or a copy of /sys/kernel/btf: its types",
  completes: "file",
};
/** A slip must not pass for a release of which nothing is known. */
function parseWriterRelease(text: string): string {
  if (parseRelease(text) === undefined)
    throw new UsageError(
      `--writer-release ${text}: not a kernel release; write it like 7.3.4, or as uname -r prints it`,
    );
  return text;
}

export const RELEASE_OPTION: OptionSpec = {
  flags: "--writer-release <release>",
  about: "the writing kernel's release, if no file says it or there are files of several",
  parse: parseWriterRelease,
  completes: "nothing",
  was: [{ flags: "--release <release>" }],
};

const SYSTEM_OPTION: OptionSpec = {
  flags: "--system <path>",
  about:
    "where to learn about the writing kernel: what `rbtool collect-script` collected, or the kernel's own package, " +
    "boot image or modules, packed or not; recognised by content; may be repeated",
  parse: withAnother,
  completes: "file",
};
const EVENTS_OPTION: OptionSpec = {
  flags: "--events <path>",
  about: "event formats only: a copy of /sys/kernel/tracing/events, or a tarball of it",
  completes: "file",
};

/** What a command takes that needs nothing of the writing kernel, and does more with its event formats. */
export type FormatsOptions = Pick<ContextOptions, "system" | "events" | "writerRelease" | "force">;
export const FORMATS_OPTIONS: OptionGroup = {
  title: "The writing kernel",
  options: [SYSTEM_OPTION, EVENTS_OPTION, RELEASE_OPTION, FORCE_OPTION],
};

/** Where to learn of the writing kernel. */
export const CONTEXT_OPTIONS: readonly OptionGroup[] = [
  {
    title: "The writing kernel",
    options: [
      SYSTEM_OPTION,
      EVENTS_OPTION,
      {
        flags: "--kallsyms <file>",
        about: "/proc/kallsyms of that build, from any boot; may be gzipped",
        completes: "file",
      },
      {
        flags: "--printk-formats <file>",
        about: "/sys/kernel/tracing/printk_formats: strings that events point to",
        completes: "file",
      },
      {
        flags: "--cmdlines <file>",
        about: "saved_cmdlines of the writing boot: names of tasks by pid",
        completes: "file",
      },
      BTF_OPTION,
      MODULE_ORDER_OPTION,
      RELEASE_OPTION,
      FORCE_OPTION,
      { flags: "--no-live", about: "do not read this machine's own tracefs and kernels if nothing else is named" },
    ],
  },
];

/** The same, of a command that writes a file. */
export const CONTEXT_OPTIONS_WRITING: readonly OptionGroup[] = CONTEXT_OPTIONS.map(({ title, options }) => ({
  title,
  options: options.map((option) => (option === FORCE_OPTION ? FORCE_WRITING_OPTION : option)),
}));

/** The files and folders that the options name. */
export function contextPaths(options: ContextOptions): readonly string[] {
  const { system = [], events, kallsyms, printkFormats, cmdlines, btf, moduleOrder } = options;
  return [...system, events, kallsyms, printkFormats, cmdlines, btf, moduleOrder].filter((path) => path !== undefined);
}

/** The files of their own kind that the options name, and the release. */
export function sourcesOf(options: ContextOptions): ContextSources {
  const { events, kallsyms, printkFormats, cmdlines, btf } = options;
  return {
    ...(events === undefined ? {} : { events }),
    ...(kallsyms === undefined ? {} : { kallsyms }),
    ...(printkFormats === undefined ? {} : { printkFormats }),
    ...(cmdlines === undefined ? {} : { cmdlines }),
    ...(btf === undefined ? {} : { btf }),
    ...statedRelease(options),
  };
}

export const statedRelease = ({ writerRelease: release }: ContextOptions): ContextSources =>
  release === undefined ? {} : { release };
