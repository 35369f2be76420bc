import { afterAll, expect, test } from "@jest/globals";
import { COMMANDS } from "../../src/commands/index.js";
import { commandLines, scratchFolder } from "../support/command-lines.js";
import { rbtool } from "../support/run.js";
import { tooLong } from "../support/screen.js";

const folder = scratchFolder();
afterAll(() => folder.remove());

/** What other programs read, line by line: scripts, the source of a man page. */
const NOT_FOR_WINDOWS = ["completion", "man", "collect-script"];
const WIDTHS = [200, 80, 50];
const look = (columns: number) => ({ columns, env: { NO_COLOR: "1", LANG: "C.UTF-8" } });

test.each(commandLines(folder.path).filter(([name]) => !NOT_FOR_WINDOWS.includes(name)))(
  "%s fits the window that it is shown in",
  async (_name, words) => {
    for (const columns of WIDTHS) {
      const { stdout, stderr } = await rbtool(words, look(columns));
      expect(stdout + stderr).not.toBe("");
      expect(tooLong(stdout + stderr, columns)).toEqual([]);
    }
  },
);

test.each(COMMANDS.map(({ name }) => name))("the help of %s fits, short and long", async (name) => {
  for (const columns of WIDTHS)
    for (const help of ["-h", "--help"]) {
      const { stdout } = await rbtool([name, help], look(columns));
      expect(stdout).not.toBe("");
      // Examples are to be copied: their words are never broken.
      expect(tooLong(stdout.replace(/^Examples[\s\S]*?(?=^\S)/m, ""), columns)).toEqual([]);
    }
});
