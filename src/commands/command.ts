import { existsSync } from "node:fs";
import { UsageError } from "../ground/errors.js";
import { jsonPieces } from "../ground/json-pieces.js";
import { MAX_CPUS } from "../ground/limits.js";
import { inputArgument } from "../input/argument.js";
import { type Paper, paperWithBorders } from "../render/paper.js";
import type { ArgumentSpec, CommandContext, CommonOptions, OptionGroup, OptionSpec } from "../spec/spec.js";

export { chosenCpus } from "../report/common.js";

/** Whether a command line without a command names an image: `rbtool DUMP` is `rbtool inspect DUMP`. */
export function looksLikeImage([first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return false;
  if (first.startsWith("-") && first !== "-") return rest.some((word) => word === "-" || isThere(word));
  return first === "-" || isThere(first);
}

function isThere(argument: string): boolean {
  return existsSync(inputArgument(argument).path);
}

/** Writes a report to standard output: as its JSON document, or as text, part by part. */
export async function writeReport(
  context: Pick<CommandContext, "io">,
  options: CommonOptions,
  report: object,
  render: (paper: Paper) => Iterable<string>,
): Promise<void> {
  for (const part of await reportParts(context, options, report, render)) await context.io.write(part);
}

/** The parts of what writeReport() writes. */
export async function reportParts(
  { io }: Pick<CommandContext, "io">,
  options: CommonOptions,
  report: object,
  render: (paper: Paper) => Iterable<string>,
): Promise<Iterable<string>> {
  return options.json ? jsonLine(report) : render(await paperWithBorders(io, options));
}

function* jsonLine(report: object): Generator<string> {
  yield* jsonPieces(report);
  yield "\n";
}

export const IMAGE_ARGUMENT: ArgumentSpec = {
  name: "[image]",
  about:
    "the raw memory: a file, or - for standard input, which is the default in a pipe; or a dump of the whole machine " +
    "(vmcore, raw RAM, LiME...), with @ADDRESS after it if it holds several buffers",
  completes: "file",
};

/** What a person knows of the image that a command opens. */
export interface ImageCommandOptions {
  readonly writerCpus?: number;
  readonly exitCode?: true;
}

export const WRITER_CPUS_OPTION: OptionSpec = {
  flags: "--writer-cpus <count>",
  about: "nr_cpu_ids of the kernel that wrote the image; needed only if the metas that say it are lost",
  parse: parseCpuCount("--writer-cpus"),
};

export const IMAGE_OPTIONS: OptionGroup = {
  title: "The image",
  options: [
    WRITER_CPUS_OPTION,
    {
      flags: "--exit-code",
      about: "exit with 1 if anything in the image is damaged, for scripts",
      findings: "something in the image is damaged",
    },
  ],
};

/** The core's parser of a text as that of the option which takes the text: what is wrong is told of the option. */
export const parserOf =
  <T>(option: string, parse: (text: string) => T) =>
  (text: string): T => {
    try {
      return parse(text);
    } catch (error) {
      throw error instanceof UsageError ? new UsageError(error.message, option) : error;
    }
  };

/** Parses a number of CPUs, given with `option`. */
export function parseCpuCount(option: string) {
  return (text: string): number => {
    if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > MAX_CPUS)
      throw new UsageError(`${option} ${text}: a number from 1 to ${MAX_CPUS}`);
    return Number(text);
  };
}

/** Names with commas between them; an option that takes them can be repeated, for more. */
export const parseNames = (text: string, before: unknown): readonly string[] => [
  ...((before as readonly string[] | undefined) ?? []),
  ...text.split(","),
];

/** What an option that can be repeated has so far, and one more; what is given twice is there once. */
export function withAnother(one: string, before: unknown): readonly string[] {
  return [...new Set(before as readonly string[] | undefined).add(one)];
}

/** Parses a CPU list in the kernel's own notation, `0,2-3`, given with `option`, which can be repeated for more. */
export function parseCpuList(option: string) {
  return (text: string, before?: unknown): ReadonlySet<number> => {
    const cpus = new Set(before as ReadonlySet<number> | undefined);
    for (const part of text.split(",")) {
      const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim());
      if (!match) throw new UsageError(`${option} ${text}: not a CPU list; write it like 0,2-3`);
      const first = Number(match[1]);
      const last = match[2] === undefined ? first : Number(match[2]);
      if (last < first) throw new UsageError(`${option} ${text}: ${part} goes backwards`);
      for (let cpu = first; cpu <= last; cpu++) cpus.add(cpu);
    }
    return cpus;
  };
}

/** `--cpu` of every command that looks at some CPUs only. */
export const CPU_OPTION: OptionSpec = {
  flags: "--cpu <list>",
  about: "only these CPUs, like 0,2-3",
  parse: parseCpuList("--cpu"),
};

/** --force of the commands that write files, and do not ask for event formats. */
export const OVERWRITE_OPTION: OptionSpec = { flags: "--force", about: "proceed anyway: overwrite existing files" };

/** Parses an address: 0x..., or hexadecimal without it as the kernel prints addresses. */
export function parseAddress(text: string): bigint {
  if (!/^(0x)?[0-9a-f]{1,16}$/i.test(text)) throw new UsageError(`${text}: not an address; write it like 0x17ff46000`);
  return BigInt(text.toLowerCase().startsWith("0x") ? text : `0x${text}`);
}

/** Bytes, with the kernel's own suffixes (memparse()). */
export function parseSize(text: string): number {
  const match = /^(0x[0-9a-f]{1,12}|\d{1,15})([KMG]?)$/i.exec(text);
  if (!match) throw new UsageError(`${text}: not a size; write it like 524288, 0x80000, 512K or 12M`);
  const unit = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[match[2]!.toUpperCase()]!;
  const size = Number(match[1]) * unit;
  if (!Number.isSafeInteger(size)) throw new UsageError(`${text}: more than any memory has`);
  return size;
}
