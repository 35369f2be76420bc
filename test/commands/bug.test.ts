import { expect, test } from "@jest/globals";
import { UsageError } from "../../src/ground/errors.js";
import { bug, main } from "../../src/program.js";
import { rbtool } from "../support/run.js";

/** An error that nobody foresaw, thrown by what every command is given. */
async function failing(words: readonly string[], error: unknown) {
  let stderr = "";
  const io = {
    write: async () => {
      throw error;
    },
    flush: async () => {},
    again: async () => ({ status: 0, stdout: "", stderr: "" }),
    threads: async () => [],
    note: (text: string) => {
      stderr += text;
    },
    stdinIsTerminal: true,
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    columns: undefined,
    env: {},
  };
  return { status: await main(words, io), stderr };
}

test("an unknown error is a bug: status 4 and one line that says what to report", async () => {
  const { status, stderr } = await failing(["--version"], new TypeError("x is \x1b[31mnot a function"));
  expect(status).toBe(4);
  expect(stderr).toBe(
    "rbtool: a fault in rbtool 0.1.0, please report it: TypeError: x is \\x1b[31mnot a function; with --debug it also says where, which a report should have\n",
  );
});

test("--debug adds the stack and the machine, wherever it stands", async () => {
  for (const words of [
    ["--version", "--debug"],
    ["--debug", "--version"],
  ]) {
    const { status, stderr } = await failing(words, new RangeError("Invalid array length"));
    expect(status).toBe(4);
    expect(stderr).toMatch(/^rbtool: a fault in rbtool .*RangeError: Invalid array length\n.*\n +at .*bug\.test\.ts:/s);
    expect(stderr).toMatch(/\nNode v\d+\.\d+\.\d+, \w+ \w+\n$/);
  }
});

test("what is thrown need not be an error", async () => {
  expect(await failing(["--version"], "no error")).toEqual({
    status: 4,
    stderr: expect.stringContaining("please report it: no error; "),
  });
});

test("with --debug a usual error is told as ever, and behind -- it is a name", async () => {
  expect(await rbtool(["inspect", "--debug", "no-such-file"])).toMatchObject({
    status: 2,
    stderr: "rbtool: no-such-file: no such file\n",
  });
  expect((await rbtool(["inspect", "--", "--debug"])).stderr).toBe("rbtool: --debug: no such file\n");
});

test("an error of a known kind is none", () => {
  const notes: string[] = [];
  const io = { note: (text: string) => notes.push(text), stderrIsTerminal: false } as never;
  expect(bug(new UsageError("write it otherwise"), [], io)).toBe(2);
});
