import { existsSync } from "node:fs";

/** A path, and a place in the memory that it holds: `vmcore@0x17ff46000`. */
export interface InputArgument {
  readonly path: string;
  readonly address: number | undefined;
}

/** A file whose own name ends in an address is itself. */
export function inputArgument(argument: string): InputArgument {
  const named = existsSync(argument) ? undefined : /^(.+)@(?:0x)?([0-9a-f]{1,13})$/i.exec(argument);
  if (named === undefined || named === null) return { path: argument, address: undefined };
  return { path: named[1]!, address: Number.parseInt(named[2]!, 16) };
}
