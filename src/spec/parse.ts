import { Command, CommanderError, Option } from "commander";
import { UsageError } from "../ground/errors.js";
import { tell } from "../io.js";
import {
  type CommandContext,
  type CommandEntry,
  type CommandSpec,
  type Completes,
  dashed,
  flagsOf,
  groupsOf,
  type OptionSpec,
} from "./spec.js";

/** A command line, understood. */
export interface Call {
  readonly args: readonly string[];
  readonly options: object;
  /** Old spellings that were used, and what they are called now. */
  readonly renamed: readonly (readonly [was: string, now: string])[];
}

/** Understands the words behind a command's name. Throws UsageError. */
function parseCall({ name }: CommandEntry, spec: CommandSpec, words: readonly string[]): Call {
  const command = new Command(name)
    .helpOption(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  for (const { name: argument } of spec.arguments) command.argument(argument);
  const old = new Map<string, OptionSpec>();
  for (const option of groupsOf(spec).flatMap(({ options }) => options)) {
    command.addOption(commanderOption(option));
    for (const was of option.was ?? []) {
      const hidden = new Option(was.flags).hideHelp();
      const parse = was.parse ?? option.parse;
      if (parse) hidden.argParser(parse);
      command.addOption(hidden);
      old.set(hidden.attributeName(), option);
    }
  }
  try {
    command.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const what =
      error.code === "commander.excessArguments"
        ? excess(spec, command.args)
        : (argumentMeant(spec, error.message) ?? sentence(error.message));
    throw new UsageError(`${what}; see \`rbtool ${name} -h\``);
  }
  const options: Record<string, unknown> = command.opts();
  const renamed: [string, string][] = [];
  for (const [was, option] of old) {
    if (options[was] === undefined) continue;
    const now = new Option(option.flags).attributeName();
    if (command.getOptionValueSource(now) === "cli")
      throw new UsageError(`--${dashed(was)} and ${flagsOf(option).long} are the same option`);
    options[now] = options[was];
    delete options[was];
    renamed.push([`--${dashed(was)}`, flagsOf(option).long]);
  }
  for (const option of groupsOf(spec).flatMap(({ options }) => options)) {
    const value = options[new Option(option.flags).attributeName()];
    if (option.required && value === undefined)
      throw new UsageError(`${option.flags} is required; see \`rbtool ${name} -h\``);
    // A script's variable that is not set.
    if (NAMES.has(option.completes) && [value].flat().includes(""))
      throw new UsageError(`${flagsOf(option).long}: the name is empty`);
  }
  return { args: command.args, options, renamed };
}

/** What such options take is a name in the file system. */
const NAMES: ReadonlySet<Completes | undefined> = new Set<Completes>(["file", "directory"]);

function commanderOption(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.about);
  if (spec.parse) option.argParser(spec.parse);
  if (spec.choices) option.choices(spec.choices);
  if (spec.default !== undefined) option.default(spec.default);
  if (spec.conflicts) option.conflicts([...spec.conflicts]);
  return option;
}

/** More arguments than the command takes: a glob of the shell, a value of an option that takes none, files without their option. */
function excess({ arguments: taken, options }: CommandSpec, given: readonly string[]): string {
  const most = taken.length === 0 ? "none is" : `${taken.map(({ name }) => name).join(" ")} is`;
  const hasSystem = options.some((group) => group.options.some((option) => flagsOf(option).name === "system"));
  const meant = hasSystem ? " (files about the writing kernel are named with --system)" : "";
  return `too many arguments, ${most} all it takes: ${given.join(", ")}${meant}`;
}

/** An option of other commands for what is an argument here. */
function argumentMeant({ arguments: taken }: CommandSpec, message: string): string | undefined {
  const [, option] = /unknown option '(--[a-z-]+)/.exec(message) ?? [];
  const meant = taken.find(({ optionElsewhere }) => option !== undefined && optionElsewhere?.includes(option));
  return meant && `no option ${option} here: what it names elsewhere is the argument ${meant.name}`;
}

/** commander's message in one line: `error: unknown option '--pgaes'\n(Did you mean --pages?)`. */
function sentence(message: string): string {
  return message
    .replace(/^error: /, "")
    .replace(/\n\(Did you mean (.*?)\?\)/, " (did you mean $1?)")
    .replace(/\.$/, "")
    .replace(/\s*\n\s*/g, " ");
}

/** Runs a command with the words behind its name. */
export async function runCommand(
  entry: CommandEntry,
  words: readonly string[],
  context: CommandContext,
): Promise<void> {
  const spec = await entry.load();
  const { args, options, renamed } = parseCall(entry, spec, words);
  for (const [was, now] of renamed) tell(context.io, `${was} is now called ${now}`);
  await spec.run(args, options, context);
}
