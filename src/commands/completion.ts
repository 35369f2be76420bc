import { UsageError } from "../ground/errors.js";
import { type Completed, completionScript, SHELLS, type Shell } from "../spec/completion.js";
import type { CommandSpec } from "../spec/spec.js";

export const spec: CommandSpec = {
  description:
    "Prints a script that completes rbtool's command lines: commands, options, their values and files. Where --system or " +
    "--events names a directory, the names of its events too. The script needs nothing else: rbtool does not run while you type.",
  arguments: [{ name: "<shell>", about: SHELLS.join(", "), choices: SHELLS }],
  options: [],
  examples: [
    ["source <(rbtool completion bash)", "in ~/.bashrc"],
    ["rbtool completion zsh > ~/.zfunc/_rbtool", "where ~/.zfunc is in $fpath"],
    ["rbtool completion fish > ~/.config/fish/completions/rbtool.fish", "fish finds it there"],
  ],
  plain: true,
  async run([shell], _options, { io, commands }) {
    if (!SHELLS.includes(shell as Shell)) throw new UsageError(`no completion for ${shell}: ${SHELLS.join(", ")}`);
    const all: Completed[] = [];
    for (const entry of commands) all.push({ entry, spec: await entry.load() });
    await io.write(completionScript(shell as Shell, all));
  },
};
