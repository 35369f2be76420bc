// What a script is for, and how it is called, stands in the comment that it begins with: who asks for help, or calls it
// wrongly, is shown that.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

/** The words behind a script's name, as parseArgs() has them. Ends the process where they ask for help, or are wrong. */
export function commandLine({ options = {}, allowPositionals = true } = {}) {
  let parsed;
  try {
    parsed = parseArgs({ allowPositionals, options: { ...options, help: { type: "boolean", short: "h" } } });
  } catch (error) {
    misused(error.message);
  }
  if (!parsed.values.help) return parsed;
  process.stdout.write(about());
  process.exit(0);
}

/** Ends the process: it was called wrongly. */
export function misused(what) {
  process.stderr.write(`error: ${what}\n\n${about()}`);
  process.exit(2);
}

/** The comment that the script begins with. */
function about() {
  const [, comment] = /^(?:#!.*\n)?((?:\/\/.*\n)+)/.exec(readFileSync(process.argv[1], "utf8")) ?? ["", ""];
  return comment.replace(/^\/\/ ?/gm, "");
}
