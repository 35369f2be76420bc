import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { COMMANDS } from "../../src/commands/index.js";
import { has } from "../support/programs.js";
import { rbtool } from "../support/run.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-shells-"));
const events = join(folder, "events");
mkdirSync(join(events, "sched/sched_switch"), { recursive: true });
writeFileSync(join(events, "sched/sched_switch/format"), "");

async function script(shell: string): Promise<string> {
  const { status, stdout, stderr } = await rbtool(["completion", shell]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const path = join(folder, shell === "zsh" ? "_rbtool" : `rbtool.${shell}`);
  writeFileSync(path, stdout);
  return path;
}

function run(command: string, ...args: string[]): string {
  const { stdout, stderr, status, error } = spawnSync(command, args, { encoding: "utf8", cwd: folder });
  expect({ error, stderr, status }).toEqual({ error: undefined, stderr: "", status: 0 });
  return stdout;
}

/** What a shell offers for the last of the words. */
type Offered = (words: readonly string[]) => Promise<readonly string[]>;

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(" ");

const SHELLS: Readonly<Record<string, Offered>> = {
  async bash(words) {
    const path = await script("bash");
    const lines = `source ${path}; compopt() { :; }; COMP_WORDS=(${quoted(words)}); COMP_CWORD=${words.length - 1}; _rbtool; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return run("bash", "-c", lines).trim().split("\n");
  },
  async fish(words) {
    const path = await script("fish");
    return run("fish", "--no-config", "-c", `source ${path}; complete -C '${words.join(" ")}'`)
      .trim()
      .split("\n")
      .map((line) => line.split("\t")[0]!);
  },
};

// bash is everywhere; fish where it is installed.
test.each(Object.keys(SHELLS).filter((shell) => shell === "bash" || has(shell)))("%s completes", async (shell) => {
  const offers = SHELLS[shell]!;
  expect(await offers(["rbtool", "insp"])).toEqual(["inspect"]);
  expect(await offers(["rbtool", "help", "chec"])).toEqual(["check"]);
  expect(await offers(["rbtool", "check", "--ker"])).toEqual(["--kernel"]);
  expect([...(await offers(["rbtool", "check", "--color", ""]))].sort()).toEqual(["always", "auto", "never"]);
  expect(await offers(["rbtool", "events", "--events", events, "--event", "sched_s"])).toEqual(["sched_switch"]);
  expect((await offers(["rbtool", "events", "--"])).length).toBeGreaterThan(40);
});

test("the scripts are what their shells can read", async () => {
  const paths = { bash: await script("bash"), zsh: await script("zsh"), fish: await script("fish") };
  for (const [shell, path] of Object.entries(paths)) if (shell === "bash" || has(shell)) run(shell, "-n", path);
  if (has("shellcheck")) run("shellcheck", paths.bash);
  if (has("zsh")) {
    const zsh = `fpath=(${folder} $fpath); autoload -Uz compinit; compinit -u -d ${folder}/dump; whence -v _rbtool >/dev/null && print ok`;
    expect(run("zsh", "-fc", zsh).trim()).toBe("ok");
  }
});

test.each(["", ...COMMANDS.map(({ name }) => name)])("the man page of rbtool %s", async (name) => {
  const { status, stdout } = await rbtool(name === "" ? ["man"] : ["man", name]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^\.Sh NAME$/m);
  if (!has("mandoc")) return;
  const path = join(folder, `rbtool${name === "" ? "" : `-${name}`}.1`);
  writeFileSync(path, stdout);
  const { stdout: lint } = spawnSync("mandoc", ["-Tlint", "-Wall", path], { encoding: "utf8" });
  // That the pages beside it are not installed is no fault of the page.
  expect(lint.split("\n").filter((line) => line !== "" && !/referenced manual not found/.test(line))).toEqual([]);
});
