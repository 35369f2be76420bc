import type { CommandSpec } from "../spec/spec.js";
import { COLLECT_SCRIPT } from "../system/collect-script.js";

export const spec: CommandSpec = {
  description:
    "Prints a shell script to run, as root, on a healthy machine with the same kernel build. It makes a tarball of all " +
    "that reading an image's events needs (event formats, symbols, strings, and more): give that to --system. The script " +
    "only reads, changes no setting, and needs no more than a POSIX shell, tar and gzip.",
  arguments: [],
  options: [],
  examples: [
    ["rbtool collect-script > collect.sh", "then, on that machine: sudo sh collect.sh build.tar.gz"],
    ["rbtool collect-script | ssh root@host 'sh -s -- -' > build.tar.gz", "without leaving a file behind"],
    ["rbtool events --system build.tar.gz dump.bin", "then, here"],
  ],
  plain: true,
  async run(_args, _options, { io }) {
    await io.write(COLLECT_SCRIPT);
  },
};
