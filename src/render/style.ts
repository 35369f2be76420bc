import { Chalk, type ChalkInstance, type ColorSupportLevel } from "chalk";
import { type ColorChoice, colorLevel, type Io } from "../io.js";

/** Colours by meaning; every renderer takes them from here. */
export interface Style {
  readonly colored: boolean;
  readonly heading: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly error: (text: string) => string;
  /** What a sub-buffer is in the ring. */
  readonly reader: (text: string) => string;
  readonly head: (text: string) => string;
  readonly commit: (text: string) => string;
  /** What a byte belongs to. */
  readonly header: (text: string) => string;
  readonly data: (text: string) => string;
  readonly time: (text: string) => string;
  readonly padding: (text: string) => string;
}

/** The style for standard output. */
export function styleFor(io: Io, choice: ColorChoice): Style {
  return styleOf(colorLevel(io, choice));
}

/** For what is no terminal at all. */
export function plainStyle(): Style {
  return styleOf(0);
}

function styleOf(level: ColorSupportLevel): Style {
  const chalk: ChalkInstance = new Chalk({ level });
  return {
    colored: level > 0,
    heading: chalk.bold,
    faint: chalk.dim,
    good: chalk.green,
    warning: chalk.yellow,
    error: chalk.red,
    reader: chalk.magenta,
    head: chalk.cyan,
    commit: chalk.green,
    header: chalk.blue,
    data: chalk.green,
    time: chalk.yellow,
    padding: chalk.dim,
  };
}
