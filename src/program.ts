import { looksLikeImage } from "./commands/command.js";
import { COMMANDS } from "./commands/index.js";
import { InputError, NotAnImageError, OutputError, StoppedError, UsageError } from "./ground/errors.js";
import { ExitStatus } from "./ground/exit-status.js";
import { nearest } from "./ground/nearest.js";
import { safeJson, safeLines } from "./ground/safe-text.js";
import { type Io, OutputClosed, tell } from "./io.js";
import type { CommandContext, CommandEntry } from "./spec/spec.js";
import { VERSION } from "./version.js";

/** Runs one command line. Everything that a person can do wrong ends in one line on stderr and an exit status. */
export async function main(given: readonly string[], io: Io): Promise<ExitStatus> {
  const argv = withoutDebug(given);
  let written = false;
  const write: Io["write"] = (text) => {
    written = true;
    return io.write(text);
  };
  // Not a copy: that would ask all there is to ask of the terminal.
  const watched: Io = Object.create(io, { write: { value: write } });
  const context: CommandContext = { io: watched, commands: COMMANDS, status: ExitStatus.Fine };
  try {
    await dispatch(argv, context);
    await io.flush();
    return context.status;
  } catch (error) {
    if (error instanceof OutputClosed) return context.status;
    if (error instanceof StoppedError) return ExitStatus.Stopped;
    const { status, code, message } = failureOf(error);
    if (code === "bug") bug(error, given, io);
    else tell(io, message);
    if (!written && argv.some((word) => word === "--json" || word === "--json-lines"))
      await io.write(`${safeJson({ error: { code, message } })}\n`).catch(() => {});
    return status;
  }
}

/** Shows the stack of a fault in rbtool itself. */
const DEBUG = "--debug";

export function withoutDebug(given: readonly string[]): readonly string[] {
  return given.filter((word, at) => word !== DEBUG || given.slice(0, at).includes("--"));
}

/** Tells of an error that nobody foresaw: in one line, with what its author needs if that is asked for. */
export function bug(error: unknown, argv: readonly string[], io: Io): ExitStatus {
  const { status, message } = failureOf(error);
  const debug = argv.includes(DEBUG);
  tell(io, debug ? message : `${message}; with ${DEBUG} it also says where, which a report should have`);
  if (debug)
    io.note(
      safeLines(
        `${error instanceof Error ? error.stack : ""}\nNode ${process.version}, ${process.platform} ${process.arch}\n`,
      ),
    );
  return status;
}

/** Runs the command that a command line names. Throws what goes wrong. */
export async function dispatch(argv: readonly string[], context: CommandContext): Promise<void> {
  const [first, ...rest] = argv;
  const { io } = context;
  if (first === undefined) {
    io.note(await overview(io));
    context.status = ExitStatus.Trouble;
  } else if (first === "--version" || first === "-V") await io.write(`${VERSION}\n`);
  else if (first === "-h" || first === "--help") await io.write(await overview(io));
  else if (first === "help") await help(rest, io);
  else {
    const named = COMMANDS.find(({ name }) => name === first);
    const entry = named ?? (looksLikeImage(argv) ? COMMANDS.find(({ name }) => name === "inspect") : undefined);
    if (entry === undefined) throw unknownCommand(first);
    const words = named ? rest : argv;
    const end = words.indexOf("--");
    const options = end < 0 ? words : words.slice(0, end);
    if (options.includes("--help")) await io.write(await helpOf(entry, "long", io));
    else if (options.includes("-h")) await io.write(await helpOf(entry, "short", io));
    else await (await import("./spec/parse.js")).runCommand(entry, words, context);
  }
}

async function help([name]: readonly string[], io: Io): Promise<void> {
  if (name === undefined || name.startsWith("-")) return io.write(await overview(io));
  const entry = COMMANDS.find((command) => command.name === name);
  if (entry === undefined) throw unknownCommand(name, "no command");
  await io.write(await helpOf(entry, "long", io));
}

/** @param none what there is not, where no name is near */
function unknownCommand(word: string, none = "no command and no file"): UsageError {
  // What a glob of the shell finds may begin like an option.
  if (word.startsWith("-") && looksLikeImage([`./${word}`]))
    return new UsageError(`'${word}' reads as an option; write the file as ./${word}`);
  if (word.startsWith("-"))
    return new UsageError(`unknown option '${word}' before a command; \`rbtool help\` lists the commands`);
  const near = nearest(
    word,
    COMMANDS.map(({ name }) => name),
  );
  if (near !== undefined)
    return new UsageError(`no command '${word}' (did you mean ${near}?); \`rbtool help\` lists all`);
  return new UsageError(`${none} is called '${word}'; \`rbtool help\` lists the commands`);
}

async function overview(io: Io): Promise<string> {
  const { paperFor, renderOverview } = await import("./spec/help.js");
  return renderOverview(COMMANDS, VERSION, paperFor(io, { color: "auto" }));
}

async function helpOf(entry: CommandEntry, kind: "short" | "long", io: Io): Promise<string> {
  const [spec, { paperFor, renderLongHelp, renderShortHelp }] = await Promise.all([
    entry.load(),
    import("./spec/help.js"),
  ]);
  return (kind === "long" ? renderLongHelp : renderShortHelp)(entry, spec, paperFor(io, { color: "auto" }));
}

function failureOf(error: unknown): { status: ExitStatus; code: string; message: string } {
  if (error instanceof UsageError) {
    const message = error.about ? `--${error.about}: ${error.message}` : error.message;
    return { status: ExitStatus.Trouble, code: "usage", message };
  }
  if (error instanceof InputError) return { status: ExitStatus.Trouble, code: "input", message: error.message };
  if (error instanceof OutputError) return { status: ExitStatus.Trouble, code: "output", message: error.message };
  if (error instanceof NotAnImageError)
    return { status: ExitStatus.NotAnImage, code: "not-an-image", message: error.message };
  return {
    status: ExitStatus.Bug,
    code: "bug",
    message: `a fault in rbtool ${VERSION}, please report it: ${whatOf(error)}`,
  };
}

/** What an error says of itself, with its kind where that says more: `RangeError: Invalid array length`. */
function whatOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
