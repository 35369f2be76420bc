import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { has } from "../support/programs.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** More memory than anybody waits for: a file of holes. */
const MEMORY = join(folder, "memory");
writeFileSync(MEMORY, "");
truncateSync(MEMORY, 2 ** 38);

/** Runs a command at a terminal of its own, and presses Ctrl-C once it tells how far it is. */
function stopped(args: string, temporary: string): Promise<string> {
  // Ctrl-C goes to the shell around the command too, and one that does not trap it would end without a word.
  const program = `trap : INT; ${process.execPath} ${resolve("bin/rbtool.js")} ${args}; echo "status $?"`;
  const env = { ...process.env, SHELL: "/bin/sh", TMPDIR: temporary };
  const child = spawn("script", ["-qec", program, "/dev/null"], { env });
  let output = "";
  let pressed = false;
  child.stdout.on("data", (data: Buffer) => {
    output += data.toString("latin1");
    if (pressed || !output.includes("MiB/s")) return;
    pressed = true;
    child.stdin.write("\x03");
  });
  return new Promise((done) => child.on("close", () => done(output)));
}

(has("script") ? test : test.skip).each(["locate", "locate --deep", "inspect", "events --no-live"])(
  "%s at a terminal: rate and finds so far while it searches; Ctrl-C ends it with 130 and leaves nothing behind",
  async (command) => {
    const temporary = mkdtempSync(join(folder, "tmp-"));
    const output = await stopped(`${command} ${MEMORY}`, temporary);
    expect(output).toMatch(/rbtool: \d+% of 262144 MiB, \d+ MiB\/s, \d+ likely places/);
    expect(output).toMatch(/status 130\r?\n$/);
    expect(output.includes("stopped")).toBe(command.startsWith("locate"));
    expect(readdirSync(temporary)).toEqual([]);
  },
  60_000,
);
