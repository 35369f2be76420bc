import { UsageError } from "../ground/errors.js";
import { manOverview, manPage } from "../spec/man.js";
import type { CommandSpec } from "../spec/spec.js";

export const spec: CommandSpec = {
  description: "Prints a man page, in mdoc: rbtool(1), or that of a command.",
  arguments: [{ name: "[command]", about: "the command", completes: "nothing" }],
  options: [],
  examples: [
    ["rbtool man check | man -l -", "reads it"],
    ["rbtool man check > /usr/local/share/man/man1/rbtool-check.1", "installs it"],
  ],
  plain: true,
  async run([name], _options, { io, commands }) {
    if (name === undefined) return io.write(manOverview(commands));
    const entry = commands.find((command) => command.name === name);
    if (entry === undefined) throw new UsageError(`no command ${name}; \`rbtool help\` lists all`);
    await io.write(manPage(entry, await entry.load(), commands));
  },
};
