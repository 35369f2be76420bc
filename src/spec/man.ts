import { BUDGET_VARIABLES } from "../input/budget.js";
import { fill } from "../render/wrap.js";
import { VERSION } from "../version.js";
import { optionAbout, statusRows } from "./help.js";
import { type CommandEntry, type CommandSpec, flagsOf, groupsOf, type OptionSpec, QUESTIONS } from "./spec.js";

/** When the pages last changed their form. */
const DATE = "November 25, 2026";

/** A command's man page, in mdoc. */
export function manPage(entry: CommandEntry, spec: CommandSpec, others: readonly CommandEntry[]): string {
  const { name, about } = entry;
  const near = byName(others.filter((other) => other.question === entry.question && other !== entry));
  return [
    ...head(`rbtool-${name}`, about),
    ".Sh SYNOPSIS",
    `.Nm rbtool ${name}`,
    ...groupsOf(spec).flatMap(({ options }) =>
      options.filter(({ required }) => required).map((option) => `.${flagMacros(option)}`),
    ),
    ...(groupsOf(spec).length > 0 ? [".Op Ar options"] : []),
    ...spec.arguments.map(({ name: argument }) => {
      const word = argument.replace(/[<>[\].]/g, "");
      const more = argument.includes("...") ? " ..." : "";
      return argument.startsWith("[") ? `.Op Ar ${word}${more}` : `.Ar ${word}${more}`;
    }),
    ".Sh DESCRIPTION",
    ...spec.description.split("\n\n").flatMap((paragraph, i) => [...(i === 0 ? [] : [".Pp"]), ...lines(paragraph)]),
    ...(spec.arguments.length > 0
      ? list(spec.arguments.map(({ name: argument, about: what }) => [`Ar ${argument.replace(/[<>[\].]/g, "")}`, what]))
      : []),
    ...groupsOf(spec).flatMap(({ title, options }) => [
      `.Ss ${title}`,
      ...list(options.map((option) => [flagMacros(option), optionAbout(option)])),
    ]),
    ...(spec.tables ?? []).flatMap(({ title, rows }) => [
      `.Ss ${title}`,
      ...list(rows.map(([term, what]) => [`Cm ${term}`, what])),
    ]),
    ".Sh EXIT STATUS",
    ...list(statusRows(spec).map(([status, what]) => [status, what])),
    ".Sh EXAMPLES",
    ...spec.examples.flatMap(([line, what], i) => [
      ...(i === 0 ? [] : [".Pp"]),
      ...lines(`${capital(what)}${/[.?!]$/.test(what) ? "" : ":"}`),
      ".Bd -literal -offset indent",
      escaped(line),
      ".Ed",
    ]),
    ".Sh SEE ALSO",
    ...[{ name: undefined }, ...near].map(
      ({ name: other }, i, all) =>
        `.Xr rbtool${other === undefined ? "" : `-${other}`} 1${i < all.length - 1 ? " ," : ""}`,
    ),
    "",
  ].join("\n");
}

/** rbtool(1): all commands. */
export function manOverview(commands: readonly CommandEntry[]): string {
  return [
    ...head("rbtool", "read a Linux persistent trace buffer, offline"),
    ".Sh SYNOPSIS",
    ".Nm",
    ".Ar command",
    ".Op Ar options",
    ".Ar image",
    ".Nm",
    ".Ar image",
    ".Sh DESCRIPTION",
    ...lines(
      "Reads the raw bytes of the memory that a persistent trace buffer (trace_instance=, since Linux 6.12) leaves behind. " +
        "An image is a file, or standard input where it is - or nothing in a pipe. Files packed with gzip, zstd or xz are unpacked. " +
        "An image alone is inspected.",
    ),
    ...QUESTIONS.flatMap((question) => {
      const entries = commands.filter((command) => command.question === question);
      if (entries.length === 0) return [];
      return [`.Ss ${question.replace("?", "")}`, ...list(entries.map(({ name, about }) => [`Cm ${name}`, about]))];
    }),
    ".Sh ENVIRONMENT",
    ...list(ENVIRONMENT.map(([name, what]) => [`Ev ${name}`, what])),
    ".Sh EXIT STATUS",
    ...list(statusRows(undefined).map(([status, what]) => [status, what])),
    ".Sh SEE ALSO",
    ...byName(commands).map(({ name }, i, all) => `.Xr rbtool-${name} 1${i < all.length - 1 ? " ," : ""}`),
    "",
  ].join("\n");
}

const ENVIRONMENT: readonly (readonly [name: string, what: string])[] = [
  [BUDGET_VARIABLES.memory, "bytes that packed files may unpack to in memory, all together, like 8G; usually 2G"],
  [
    BUDGET_VARIABLES.disk,
    "bytes of a pipe or a packed input that are kept in a temporary file, like 1T; usually 64G, and a sixteenth of it if nothing tells what the input is",
  ],
  ["TMPDIR", "where that file is"],
  ["XDG_CACHE_HOME", "where rbtool/code is, what V8 compiled of rbtool, for a quicker start; usually ~/.cache"],
  ["NODE_DISABLE_COMPILE_CACHE", "any value: no such file"],
  ["NO_COLOR", "any value: no colour"],
];

const byName = (commands: readonly CommandEntry[]): readonly CommandEntry[] =>
  [...commands].sort((a, b) => (a.name < b.name ? -1 : 1));

function head(name: string, about: string): string[] {
  return [
    `.\\" rbtool ${VERSION}`,
    `.Dd ${DATE}`,
    `.Dt ${name.toUpperCase()} 1`,
    ".Os",
    ".Sh NAME",
    `.Nm ${name}`,
    `.Nd ${escaped(about)}`,
  ];
}

function flagMacros(option: OptionSpec): string {
  const { short, name, value } = flagsOf(option);
  const argument = value === undefined ? "" : ` Ar ${value.replace(/[<>[\]]/g, "")}`;
  return `${short === undefined ? "" : `Fl ${short.slice(1)} , `}Fl -${name}${argument}`;
}

function list(rows: readonly (readonly [term: string, what: string])[]): string[] {
  return [".Bl -tag -width Ds", ...rows.flatMap(([term, what]) => [`.It ${term}`, ...lines(capital(what))]), ".El"];
}

/** A sentence begins a line, as mdoc wants it, and lines are short. */
function lines(text: string): string[] {
  return text
    .replace(/([.?!:][)'"`]*) (?=[A-Z`(])/g, "$1\n")
    .split("\n")
    .flatMap((sentence) => fill(sentence, WIDTH))
    .map(escaped);
}

/** Escapes count, so that a line stays below 80 bytes. */
const WIDTH = 70;

/** A text that begins with a small letter, as a sentence. A name stays as it is. */
function capital(text: string): string {
  return /^[a-z]+[ ,']/.test(text) ? `${text[0]!.toUpperCase()}${text.slice(1)}` : text;
}

function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("()", "\\&()")
    .replace(/^([.'])/, "\\&$1");
}
