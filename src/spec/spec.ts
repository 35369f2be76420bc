import type { ExitStatus } from "../ground/exit-status.js";
import type { ColorChoice, Io } from "../io.js";

/** What a command is given beside its options. It sets the exit status where that is not 0. */
export interface CommandContext {
  readonly io: Io;
  /** All commands, for what tells of them. */
  readonly commands: readonly CommandEntry[];
  status: ExitStatus;
}

/** What a person wants to know: `rbtool help` lists the commands under these, in this order. */
export const QUESTIONS = [
  "What happened?",
  "Is it whole?",
  "What will the next boot do?",
  "Save it",
  "Take it elsewhere",
  "Inside",
] as const;
export type Question = (typeof QUESTIONS)[number];

/** A command's line in the list of commands. */
export interface CommandEntry {
  readonly name: string;
  readonly question: Question;
  /** What it tells, in a few words. */
  readonly about: string;
  /** Loads the rest: only of the command that is called, for a quick start. */
  readonly load: () => Promise<CommandSpec>;
}

/** A command as data: what parses its command line, explains it and completes it is made from this. */
export interface CommandSpec<Options = unknown> {
  /** Sentences; an empty line between paragraphs. */
  readonly description: string;
  readonly arguments: readonly ArgumentSpec[];
  /** The command's own options first; COMMON follows unless `plain`. */
  readonly options: readonly OptionGroup[];
  /** What else help lists. */
  readonly tables?: readonly { readonly title: string; readonly rows: readonly (readonly [string, string])[] }[];
  readonly examples: readonly Example[];
  /** What statuses mean where this command gives them a meaning of its own. */
  readonly exits?: Readonly<Partial<Record<ExitStatus, string>>>;
  /** It prints one text and has no report: without --json and --color. */
  readonly plain?: true;
  /** @param args the words beside the options */
  run(args: readonly string[], options: Options, context: CommandContext): Promise<void>;
}

export interface ArgumentSpec {
  /** `<path>`, `[image]`, `<path...>`, as usage lines show it. */
  readonly name: string;
  readonly about: string;
  readonly completes?: Completes;
  readonly choices?: readonly string[];
  /** Options by which other commands take the same: a person who tries one here is told where it goes. */
  readonly optionElsewhere?: readonly string[];
}

export interface OptionGroup {
  readonly title: string;
  readonly options: readonly OptionSpec[];
}

export interface OptionSpec {
  /** `-k, --kernel <version>`, as help shows it; the long name in camelCase is the member of the options. */
  readonly flags: string;
  readonly about: string;
  /** @param before what an earlier use of the same option gave */
  parse?(text: string, before: unknown): unknown;
  readonly choices?: readonly string[];
  readonly default?: unknown;
  /** How the default is written, where that is not the value itself. */
  readonly defaultText?: string;
  readonly required?: true;
  /** The members of options that cannot be given beside it. */
  readonly conflicts?: readonly string[];
  readonly completes?: Completes;
  /** With this option, what status 1 means. */
  readonly findings?: string;
  /** Spellings of before: they work, and no help shows them. */
  readonly was?: readonly Pick<OptionSpec, "flags" | "parse">[];
}

/** What a shell offers for a value. */
export type Completes = "file" | "directory" | "event" | "nothing";

export type Example = readonly [line: string, what: string];

/** The options that every command has. */
export interface CommonOptions {
  readonly json?: true;
  readonly color: ColorChoice;
  readonly wide?: true;
}

export const COMMON: OptionGroup = {
  title: "Output",
  options: [
    { flags: "--json", about: "one JSON document on standard output, for scripts" },
    { flags: "--color <when>", about: "colour in the output", choices: ["auto", "always", "never"], default: "auto" },
    { flags: "--wide", about: "every column of a table, however narrow the window" },
  ],
};

export function groupsOf(spec: CommandSpec): readonly OptionGroup[] {
  return (spec.plain ? spec.options : [...spec.options, COMMON]).filter(({ options }) => options.length > 0);
}

/** The parts of an option's flags. */
export function flagsOf({ flags }: Pick<OptionSpec, "flags">) {
  const match = /^(?:(-\w), )?--([\w-]+)(?: ([<[].*[>\]]))?$/.exec(flags);
  if (!match) throw new Error(`flags ${flags}`);
  const [, short, long, value] = match as unknown as [string, string | undefined, string, string | undefined];
  return { short, long: `--${long}`, name: long, value };
}

/** A member of the options as the command line has it: `bootCpus` is --boot-cpus. */
export const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
