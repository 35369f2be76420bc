import type { Command } from "commander";
import { COLLECT_SCRIPT } from "../system/collect-script.js";
import { addExamples, type CommandContext } from "./command.js";

export function define(command: Command, context: CommandContext): void {
  command.description(
    "Print a shell script to run, as root, on a healthy machine with the same kernel build. It makes a tarball of all that " +
      "reading an image's events needs (event formats, symbols, strings, and more): give that to --system. The script " +
      "only reads, changes no setting, and needs no more than a POSIX shell, tar and gzip.",
  );
  addExamples(command, [
    ["rbtool collect-script > collect.sh", "then, there: sudo sh collect.sh build.tar.gz"],
    ["rbtool collect-script | ssh root@host 'sh -s -- -' > build.tar.gz", "without leaving a file behind"],
    ["rbtool events --system build.tar.gz dump.bin", "and here"],
  ]);
  command.action(async () => {
    await context.io.write(COLLECT_SCRIPT);
  });
}
