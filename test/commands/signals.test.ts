import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { fixture } from "../support/images.js";

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "rbtool-signals-"));
afterAll(() => rmSync(folder, { recursive: true }));

const FORMATS = "fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz";
/** So large that its writing takes a while. */
const IMAGE = join(folder, "image.bin");
const area = fixture("v7.3-read").bytes();
writeFileSync(IMAGE, Buffer.concat([area, Buffer.alloc(256 * 1024 * 1024, 1)]));

/** Every command that writes a file. Its own temporary folder shows what else it leaves. */
const WRITERS: readonly (readonly [name: string, words: (out: string) => string[]])[] = [
  ["recover", (out) => ["recover", "--salvage", "--size", "268435456", "-o", out, IMAGE]],
  ["export", (out) => ["export", "--to", "csv", "--events", FORMATS, "-o", out, IMAGE]],
  ["locate", (out) => ["locate", "--extract", out, IMAGE]],
];

const ended = (child: ChildProcess) =>
  new Promise<NodeJS.Signals | null>((resolve) => child.on("close", (_code, signal) => resolve(signal)));
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const under = (path: string): string[] => readdirSync(path, { recursive: true }).map(String);

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s leaves no temporary file and the old output as it was",
  async (signal) => {
    let caught = 0;
    for (const [name, words] of WRITERS) {
      const here = mkdtempSync(join(folder, `${name}-`));
      const temporary = mkdtempSync(join(folder, "tmp-"));
      const out = join(here, "out");
      if (name !== "locate") writeFileSync(out, "mine");
      const child = spawn("node", ["bin/rbtool.js", ...words(out), "--force"], {
        cwd: ROOT,
        stdio: "ignore",
        env: { ...process.env, TMPDIR: temporary },
      });
      const end = ended(child);
      // Until the file beside the output is there, or it is too late.
      while (child.exitCode === null && !under(here).some((file) => file.endsWith(".tmp"))) await later(1);
      child.kill(signal);
      if ((await end) === signal) {
        caught++;
        if (name !== "locate") expect(readFileSync(out, "latin1")).toBe("mine");
      }
      expect(under(here).filter((file) => file.endsWith(".tmp"))).toEqual([]);
      // A folder that was made is not left empty.
      if (name === "locate" && existsSync(out)) expect(readdirSync(out)).toHaveLength(1);
      expect(under(temporary)).toEqual([]);
    }
    expect(caught).toBeGreaterThan(0);
  },
);
