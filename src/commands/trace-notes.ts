import { pluralVerb } from "../ground/plural.js";
import { type Io, tell } from "../io.js";
import type { WritingKernel } from "../system/writing-kernel.js";
import type { Trace } from "../trace/trace.js";
import type { Seen } from "./jobs/seen.js";

/** What is to be told beside the events, when all have been seen. */
export function tellOfTrace(io: Io, view: Trace, { problems, argsWanted, notes, marked, inferred }: Seen): void {
  tellWhatIsMissing(io, view);
  for (const { event, message } of problems) tell(io, `${event}: ${message}`);
  if (argsWanted)
    tell(io, "arguments of functions are shown as registers: their names and types are in the kernel's BTF (--btf)");
  tellNotes(io, { notes });
  if (marked > 0)
    tell(io, `${marked} values that cannot be computed are shown as <name(raw values)>: see \`rbtool formats\``);
  if (inferred > 0)
    tell(
      io,
      `${inferred} names and texts are read in modules' data, whose place is inferred: \`rbtool system --image\` shows by what`,
    );
  // Of what the file does not have it is told where it is opened.
  const damaged = view.torn.filter(({ offset }) => offset < view.image.source.size).length;
  if (damaged > 0)
    tell(
      io,
      `${pluralVerb(damaged, "sub-buffer", ["holds", "hold"])} records that cannot be read: see \`rbtool inspect\``,
    );
}

/** An empty answer is told from a trace without events, and one without formats from one that has no names. */
function tellWhatIsMissing(io: Io, view: Trace): void {
  tellIfNoFormats(io, view.writer);
  if (view.chooses && view.events().next() === undefined)
    tell(io, `0 of ${view.entries()} events match${timesOf(view)}`);
}

/** Where times were asked for: those that there are. */
function timesOf({ window: { since, until }, coverage: { span }, time }: Trace): string {
  if (span === undefined || (since === undefined && until === undefined)) return "";
  const [first, last] = [span.first, span.last].map((value) => time.exactText(value).trim());
  return `; the trace goes from ${first} to ${last}`;
}

/** The same for a command that counts events and does not print them: with what is to be said of the choice. */
export function tellOfChoice(io: Io, view: Trace): void {
  tellWhatIsMissing(io, view);
  tellNotes(io, view);
}

export function tellNotes(io: Io, { notes }: Pick<Trace, "notes">): void {
  for (const note of new Set(notes)) tell(io, note);
}

export function tellIfNoFormats(io: Io, { formats }: WritingKernel): void {
  if (formats.size > 0) return;
  tell(
    io,
    "no event formats (--system, --events): only ftrace's own events can be decoded; see `rbtool collect-script`",
  );
}
