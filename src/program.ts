import { Command, CommanderError } from "commander";
import type { CommandContext } from "./commands/command.js";
import { COMMANDS } from "./commands/index.js";
import { InputError, NotAnImageError, UsageError } from "./ground/errors.js";
import { ExitStatus } from "./ground/exit-status.js";
import { safeLines } from "./ground/safe-text.js";
import { type Io, OutputClosed, tell } from "./io.js";
import { loadBorders } from "./render/table.js";
import { VERSION } from "./version.js";

/** Runs one command line. Everything that a person can do wrong ends in one line on stderr and an exit status. */
export async function main(argv: readonly string[], io: Io): Promise<ExitStatus> {
  let output: Promise<void> = Promise.resolve();
  const program = new Command("rbtool")
    .description("Read the raw bytes of a Linux persistent trace ring buffer, offline.")
    .version(VERSION, "-V, --version", "print the version")
    .helpCommand("help [command]", "what a command does, with its options and examples")
    .helpOption("-h, --help", "what a command does, with its options and examples")
    .showSuggestionAfterError()
    .showHelpAfterError("(`rbtool help` lists what there is)")
    .configureHelp({ sortSubcommands: false, helpWidth: Math.min(io.columns ?? 100, 110) })
    .configureOutput({
      writeOut: (text) => {
        output = output.then(() => io.write(text));
      },
      writeErr: (text) => io.note(safeLines(text)),
      outputError: (text, write) => write(text.replace(/^error: /, "rbtool: ")),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()
    .addHelpText("after", EPILOGUE);
  const context: CommandContext = { io, status: ExitStatus.Fine };
  // Only the command that is asked for is loaded; help shows them all.
  const asked = COMMANDS.find(({ name }) => name === argv[0]);
  for (const { name, summary, load } of COMMANDS) {
    const command = program.command(name).summary(summary);
    if (asked === undefined ? argv[0] === "help" && argv[1] === name : asked.name === name)
      (await load()).define(command, context);
  }
  try {
    if (argv.length === 0) {
      program.outputHelp();
      await output;
      return ExitStatus.Trouble;
    }
    await loadBorders(io);
    await program.parseAsync(argv, { from: "user" });
    await output;
    return context.status;
  } catch (error) {
    await output.catch(() => {});
    return statusOf(error, io);
  }
}

function statusOf(error: unknown, io: Io): ExitStatus {
  if (error instanceof OutputClosed) return ExitStatus.Fine;
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitStatus.Fine : ExitStatus.Trouble;
  if (error instanceof NotAnImageError || error instanceof UsageError || error instanceof InputError) {
    tell(io, error instanceof UsageError && error.about ? `--${error.about}: ${error.message}` : error.message);
    return error instanceof NotAnImageError ? ExitStatus.NotAnImage : ExitStatus.Trouble;
  }
  throw error;
}

const EPILOGUE = `
IMAGE is the raw reserved memory: a file, or - (or nothing, in a pipe) for standard input; gzip and zstd are undone.

Exit status: 0 fine; 1 findings (damage, losses, differences: see each command); 2 usage, input or output; 3 no image.

Examples:
  rbtool inspect dump.bin                what the memory holds
  rbtool inspect --json dump.bin | jq .  the same for a script
  rbtool page dump.bin 0:3               one sub-buffer, byte by byte`;
