import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { has } from "../support/programs.js";

const ROOT = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "docs/ci.md"), "utf8");
const DUMPS = join(ROOT, "fixtures/dumps");
const SYSTEM = join(ROOT, "fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz");
const sound = join(DUMPS, "v7.3-read/image.bin.gz");
/** Nor does it lack events between those that are left. */
const whole = join(DUMPS, "v7.3-few/image.bin.gz");

let folder: string;
/** A repository as the page's examples have it: a release in tools, ci/*.sh, boot-test.sh. The program is in bin, too. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rbtool-ci-"));
  const executable = (name: string, text: string) => {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  };
  const rbtool = `#!/bin/sh\nexec ${process.execPath} ${join(ROOT, "bin/rbtool.js")} "$@"\n`;
  executable("bin/rbtool", rbtool);
  executable("tools/rbtool-0.1.0-linux-x64", rbtool);
  for (const [, script, name] of page.matchAll(/```sh\n(#!\/bin\/sh\n# (\S+\.sh)[\s\S]*?)```/g))
    executable(`ci/${name}`, script!);
  executable("boot-test.sh", `#!/bin/sh\ncp ${whole} "$1"\ncp ${join(DUMPS, "v7.3-few/after-boot.bin.gz")} "$2"\n`);
  spawnSync("sh", ["-c", "sha256sum rbtool-* | sed 'p; s/linux/darwin/' >SHA256SUMS"], { cwd: join(folder, "tools") });
  cpSync(sound, join(folder, "image.bin"));
  cpSync(SYSTEM, join(folder, "build.tar.gz"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function sh(command: string) {
  const env = {
    ...process.env,
    PATH: `${join(folder, "bin")}:${process.env.PATH}`,
    GITHUB_STEP_SUMMARY: "summary.md",
  };
  const { status, stdout, stderr } = spawnSync("sh", ["-ec", command], { cwd: folder, env, encoding: "utf8" });
  return { status, stdout, stderr };
}

(has("jq") ? describe : describe.skip)("the page's scripts", () => {
  describe("trace-whole.sh", () => {
    test("passes a whole one", () => {
      const { status, stdout } = sh(`ci/trace-whole.sh ${whole}`);
      expect({ status, stdout }).toEqual({
        status: 0,
        stdout: expect.stringMatching(/^CPU 0: \d+ events, losses: 0\n/),
      });
    });
    test("fails where events were lost, though nobody counted them", () => {
      const { status, stdout } = sh(`ci/trace-whole.sh ${sound}`);
      expect({ status, stdout }).toEqual({
        status: 1,
        stdout: expect.stringMatching(/^CPU 0: \d+ events, losses: 1\n/),
      });
    });
    test("fails for a damaged one, and says why", () => {
      const { status, stdout } = sh(`gunzip -c ${sound} | head -c 300000 >cut.bin; ci/trace-whole.sh cut.bin`);
      expect({ status, stdout }).toEqual({ status: 1, stdout: expect.stringContaining("damage: ") });
    });
  });

  describe("trace-kept.sh", () => {
    test("passes where a real boot kept every event", () => {
      const { status, stdout } = sh(`ci/trace-kept.sh ${sound} ${join(DUMPS, "v7.3-read/after-boot.bin.gz")}`);
      expect({ status, stdout }).toEqual({ status: 0, stdout: "10460 events before the boot, 10460 after it\n" });
    });
    test("fails where a boot emptied the buffer", () => {
      const before = join(DUMPS, "v6.12-rewind/image.bin.gz");
      const { status, stdout } = sh(
        `rbtool recover -k 7.3.4 -o emptied.bin ${before} >recover.txt || true; ci/trace-kept.sh ${before} emptied.bin`,
      );
      expect({ status, stdout }).toEqual({ status: 1, stdout: "2571 events before the boot, 0 after it\n" });
    });
    test("fails where there was nothing to keep", () => {
      expect(sh("head -c 524288 /dev/zero >zero.bin; ci/trace-kept.sh zero.bin zero.bin").status).toBe(1);
    });
  });

  test("kernels-keep.sh tells a kernel that keeps less", () => {
    const image = join(DUMPS, "v7.1-rewind/image.bin.gz");
    expect(sh(`ci/kernels-keep.sh ${image} 6.12.107 7.3.4`)).toMatchObject({
      status: 0,
      stdout: "6.12.107: keeps 0, drops 2833\n7.3.4: keeps 4211, drops 0\n",
    });
    expect(sh(`ci/kernels-keep.sh ${image} 7.3.4 6.12.107`).status).toBe(1);
  });

  test("events-differ.sh names what differs, and fails where an event is missing", () => {
    const few = join(DUMPS, "v7.3-few/image.bin.gz");
    const { status, stdout } = sh(`ci/events-differ.sh ${sound} ${SYSTEM} ${few} ${SYSTEM}`);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^sys_exit: 4854 -> 0$/m);
    expect(sh(`ci/events-differ.sh ${sound} ${SYSTEM} ${sound} ${SYSTEM}`)).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
  });

  const recipes = [...page.matchAll(/^\| [^|]+ \| `(rbtool .*)` \|$/gm)].map(([, line]) =>
    line!.replaceAll("\\|", "|"),
  );
  test.each(recipes)("%s", (line) => {
    const { status, stderr } = sh(line);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("what the jobs of GitHub and GitLab run passes", () => {
    const yaml = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text!);
    expect(yaml).toHaveLength(2);
    const blocks = [...yaml[0]!.matchAll(/run: (?:\|\n((?: {10}.*\n)+)|(.*)\n)/g)].map(
      ([, block, line]) => block ?? line!,
    );
    expect(blocks).toHaveLength(3);
    const lines = [...yaml[1]!.matchAll(/^ {4}- (.*)$/gm)]
      .map(([, line]) => line!)
      .filter((line) => !/^apt-get/.test(line));
    expect(lines).toHaveLength(5);
    for (const [i, script] of [...blocks, lines.join("\n")].entries()) {
      // GitLab's job begins with a folder of its own.
      if (i === 3) rmSync(join(folder, "tools/rbtool"));
      const { status, stderr } = sh(script);
      expect({ script, status, stderr }).toEqual({ script, status: 0, stderr: "" });
    }
    expect(readFileSync(join(folder, "summary.md"), "utf8")).toMatch(/^( {4}.*\n)+$/);
  });
});
