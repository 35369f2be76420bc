export { paperFor } from "../render/paper.js";

import type { Paper } from "../render/paper.js";
import { fill, widthOf, wrap } from "../render/wrap.js";
import { type CommandEntry, type CommandSpec, flagsOf, groupsOf, type OptionSpec, QUESTIONS } from "./spec.js";

/** Where explanations begin, and what they need: in a narrower window they stand under what they explain. */
const MARGIN = 28;
const LEAST = 36;
const WIDEST = 100;

const STATUSES: Readonly<Record<number, string>> = {
  0: "fine",
  1: "findings: losses; damage and differences with --exit-code",
  2: "a wrong command line, an input that cannot be read, an output that cannot be written",
  3: "the input is not a persistent trace buffer",
  4: "a fault in rbtool itself",
};

/** Every command, by question. */
export function renderOverview(commands: readonly CommandEntry[], version: string, paper: Paper): string {
  const parts = [
    `${wrap(`rbtool ${version} reads the raw bytes of a Linux persistent trace buffer, offline.`, paper)}\n`,
    `Usage: rbtool COMMAND [OPTIONS] IMAGE\n       rbtool IMAGE, which is rbtool inspect IMAGE\n`,
  ];
  for (const question of QUESTIONS) {
    const entries = commands.filter((command) => command.question === question);
    if (entries.length === 0) continue;
    parts.push(
      `${paper.style.heading(question)}\n${entries.map(({ name, about }) => entry(name, about, paper, 16)).join("")}`,
    );
  }
  parts.push(
    `${wrap("IMAGE is the raw reserved memory: a file, or - (or nothing, in a pipe) for standard input. gzip, zstd and xz are unpacked. It may also be a machine's whole memory (vmcore, LiME, AVML, QEMU's, raw RAM).", paper)}\n`,
    `${entry("rbtool COMMAND -h", "its options in short", paper)}${entry("rbtool help COMMAND", "all of it, with examples (the same: --help)", paper)}`,
    exitText(undefined, paper),
  );
  return parts.join("\n");
}

/** `-h`: the usage, the command's own options, and what other options there are. */
export function renderShortHelp(command: CommandEntry, spec: CommandSpec, paper: Paper): string {
  const [own, ...others] = groupsOf(spec);
  return [
    `${wrap(`rbtool ${command.name}: ${command.about}`, paper)}\n`,
    usage(command, spec, paper),
    ...(own
      ? [`${paper.style.heading(own.title)}\n${own.options.map((option) => optionText(option, paper)).join("")}`]
      : []),
    ...(others.length > 0
      ? [
          others
            .map(({ title, options }) => entry(title, options.map((option) => flagsOf(option).long).join(" "), paper))
            .join(""),
        ]
      : []),
    ...(spec.examples.length > 0 ? [exampleText(spec.examples.slice(0, 2), paper)] : []),
    `${wrap(`rbtool help ${command.name} explains all of it.`, paper)}\n`,
  ].join("\n");
}

/** `--help`: all of it. */
export function renderLongHelp(command: CommandEntry, spec: CommandSpec, paper: Paper): string {
  return [
    `${wrap(`rbtool ${command.name}: ${command.about}`, paper)}\n`,
    usage(command, spec, paper),
    spec.description
      .split("\n\n")
      .map((paragraph) => `${wrap(paragraph, paper)}\n`)
      .join("\n"),
    ...(spec.arguments.length > 0
      ? [
          `${paper.style.heading("Arguments")}\n${spec.arguments.map(({ name, about }) => entry(name, about, paper)).join("")}`,
        ]
      : []),
    ...groupsOf(spec).map(
      ({ title, options }) =>
        `${paper.style.heading(title)}\n${options.map((option) => optionText(option, paper)).join("")}`,
    ),
    ...(spec.tables ?? []).map(
      ({ title, rows }) =>
        `${paper.style.heading(title)}\n${rows.map(([term, about]) => entry(term, about, paper)).join("")}`,
    ),
    ...(spec.examples.length > 0 ? [exampleText(spec.examples, paper)] : []),
    exitText(spec, paper),
  ].join("\n");
}

function usageLine(command: CommandEntry, spec: CommandSpec): string {
  const required = groupsOf(spec).flatMap(({ options }) => options.filter((option) => option.required));
  const words = [
    ...required.map((option) => `${flagsOf(option).short ?? flagsOf(option).long} ${flagsOf(option).value}`),
    ...(groupsOf(spec).length > 0 ? ["[options]"] : []),
    ...spec.arguments.map(({ name }) => name),
  ];
  return `rbtool ${command.name} ${words.join(" ")}`.trimEnd();
}

function usage(command: CommandEntry, spec: CommandSpec, paper: Paper): string {
  return `${wrap(`Usage: ${usageLine(command, spec)}`, paper, "       ")}\n`;
}

/** What is said of an option, with its choices and its default. */
export function optionAbout({ about, choices, default: value, defaultText }: OptionSpec): string {
  const said = defaultText ?? (value === undefined || typeof value === "boolean" ? undefined : String(value));
  const notes = [...(choices ? [choices.join(", ")] : []), ...(said === undefined ? [] : [`default: ${said}`])];
  return notes.length === 0 ? about : `${about} (${notes.join("; ")})`;
}

function optionText(option: OptionSpec, paper: Paper): string {
  const { flags } = option;
  const lined = sideBySide(paper) && flags.startsWith("--") ? `    ${flags}` : flags;
  return entry(lined, optionAbout(option), paper);
}

const roomOn = ({ columns }: Paper): number => Math.min(columns ?? WIDEST, WIDEST);
const sideBySide = (paper: Paper, margin = MARGIN): boolean => roomOn(paper) - margin >= LEAST;

/** A term and what it is: side by side where there is room. */
function entry(term: string, about: string, paper: Paper, margin = MARGIN): string {
  const room = roomOn(paper);
  const side = sideBySide(paper, margin);
  const indent = " ".repeat(side ? margin : 6);
  const lines = fill(about, room - indent.length);
  if (side && widthOf(term) + 4 <= margin) {
    const [first, ...rest] = lines;
    return [`  ${term.padEnd(margin - 2)}${first}`, ...rest.map((line) => indent + line)]
      .map((line) => `${line}\n`)
      .join("");
  }
  return [
    ...fill(term, room - 4).map((line, i) => `${i === 0 ? "  " : "    "}${line}`),
    ...lines.map((line) => indent + line),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function exampleText(examples: CommandSpec["examples"], paper: Paper): string {
  const room = roomOn(paper);
  const lines = examples.flatMap(([line, what]) => [
    ...fill(`# ${what}`, room - 4).map((text, i) => `  ${paper.style.faint(i === 0 ? text : `# ${text}`)}`),
    ...commandLines(line, room - 2).map((text) => `  ${text}`),
  ]);
  return `${paper.style.heading("Examples")}\n${lines.map((line) => `${line}\n`).join("")}`;
}

/** A command line that can be copied though it takes more than one row: broken between words that no quote holds. */
function commandLines(line: string, room: number): string[] {
  if (widthOf(line) <= room) return [line];
  // A space inside quotes becomes one that fill() does not break at.
  const bound = line.replace(/'[^']*'/g, (quoted) => quoted.replaceAll(" ", "\0"));
  const broken = fill(bound, room - 4).map((part) => part.replaceAll("\0", " "));
  return broken.map((part, i) => `${i === 0 ? "" : "  "}${part}${i < broken.length - 1 ? " \\" : ""}`);
}

/** What each status means; 1 only where the command says when, 3 only where it reads a file. */
export function statusRows(spec: CommandSpec | undefined): readonly (readonly [string, string])[] {
  if (spec === undefined) return Object.entries(STATUSES);
  const asked = groupsOf(spec)
    .flatMap(({ options }) => options)
    .flatMap((option) => (option.findings === undefined ? [] : `with ${flagsOf(option).long}: ${option.findings}`));
  const findings = [...(spec.exits?.[1] === undefined ? [] : [spec.exits[1]]), ...asked].join("; ");
  const reads = spec.arguments.some(({ completes }) => completes === "file");
  const said: Readonly<Record<number, string>> = { ...STATUSES, ...spec.exits, 1: findings };
  return Object.entries(said).filter(([status, what]) => what !== "" && (status !== "3" || reads));
}

function exitText(spec: CommandSpec | undefined, paper: Paper): string {
  const rows = statusRows(spec).map(([status, what]) => entry(status, what, paper, 6));
  return `${paper.style.heading("Exit status")}\n${rows.join("")}`;
}
