import { type Command, Option } from "commander";
import { UsageError } from "../ground/errors.js";
import type { ExitStatus } from "../ground/exit-status.js";
import { MAX_CPUS } from "../ground/limits.js";
import { safeJson } from "../ground/safe-text.js";
import type { Image } from "../image/image.js";
import { openImage } from "../image/open.js";
import { type ColorChoice, type Io, tell } from "../io.js";
import { type Style, styleFor } from "../render/style.js";

export { chosenCpus } from "../report/common.js";

/** What a command is given beside its options. It sets the exit status where that is not 0. */
export interface CommandContext {
  readonly io: Io;
  status: ExitStatus;
}

/** What a file in this folder exports. */
export interface CommandModule {
  /** Adds description, arguments, options, examples and the action to a command that has its name already. */
  define(command: Command, context: CommandContext): void;
}

/** The options that every command has. */
export interface CommonOptions {
  readonly json?: true;
  readonly color: ColorChoice;
}

export function addCommonOptions(command: Command): Command {
  return command
    .addOption(new Option("--json", "one JSON document on standard output, for scripts"))
    .addOption(
      new Option("--color <when>", "colour in the output").choices(["auto", "always", "never"]).default("auto"),
    );
}

/** Writes a report to standard output: as its JSON document, or as text, part by part. */
export async function writeReport(
  { io }: CommandContext,
  { json, color }: CommonOptions,
  report: object,
  render: (style: Style) => Iterable<string>,
): Promise<void> {
  if (json) await io.write(`${safeJson(report)}\n`);
  else for (const part of render(styleFor(io, color))) await io.write(part);
}

/** Adds examples to a command's help: the command line, then what it is for. */
export function addExamples(command: Command, examples: readonly (readonly [line: string, what: string])[]): Command {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, what]) => `  ${line.padEnd(width)}  ${what}`);
  return command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}

/** What a person knows of the image that a command opens. */
export interface ImageCommandOptions {
  readonly writerCpus?: number;
}

export function addImageOptions(command: Command): Command {
  return command.addOption(
    new Option(
      "--writer-cpus <count>",
      "nr_cpu_ids of the kernel that wrote the image, where the metas that tell it are lost",
    ).argParser(parseCpuCount("--writer-cpus")),
  );
}

/** Opens the image argument of a command; without one, standard input, unless a person sits at it. */
export async function openImageArgument(
  path: string | undefined,
  { writerCpus }: ImageCommandOptions,
  io: Io,
): Promise<Image> {
  if (path === undefined && io.stdinIsTerminal)
    throw new UsageError("name an image, or pipe one in: `rbtool inspect dump.bin`, `rbtool inspect < dump.bin`");
  const image = await openImage(path ?? "-", { writerCpus });
  if (writerCpus === undefined && image.layout.guessed)
    tell(io, `the number of CPUs, ${image.layout.nrCpus}, is a guess: --writer-cpus says it`);
  return image;
}

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
export const parseCpuCount =
  (option: string) =>
  (text: string): number => {
    if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > MAX_CPUS)
      throw new UsageError(`${option} ${text}: a number from 1 to ${MAX_CPUS}`);
    return Number(text);
  };

/** Parses a CPU list in the kernel's own notation, `0,2-3`, given with `option`. */
export const parseCpuList =
  (option: string) =>
  (text: string): ReadonlySet<number> => {
    const cpus = new Set<number>();
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

/** Parses an address: 0x..., or hexadecimal without it as the kernel prints addresses. */
export function parseAddress(text: string): bigint {
  if (!/^(0x)?[0-9a-f]{1,16}$/i.test(text)) throw new UsageError(`${text}: not an address; write it like 0x17ff46000`);
  return BigInt(text.toLowerCase().startsWith("0x") ? text : `0x${text}`);
}
