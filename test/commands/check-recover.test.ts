import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Io } from "../../src/io.js";
import { main } from "../../src/program.js";
import { Dump, dumpNames } from "../support/images.js";
import { oracleCases, patched } from "../support/oracle.js";
import { schemaOf } from "../support/schema.js";

const checkMismatches = schemaOf("check");
const recoverMismatches = schemaOf("recover");

async function run(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  const chunks: Uint8Array[] = [];
  let err = "";
  const io: Io = {
    write: async (text) => {
      chunks.push(typeof text === "string" ? Buffer.from(text) : text);
    },
    flush: async () => {},
    again: async () => ({ status: 0, stdout: "", stderr: "" }),
    threads: async () => [],
    note: (text) => {
      err += text;
    },
    stdinIsTerminal: true,
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    columns: undefined,
    env: {},
  };
  const status = await main(argv, io);
  return { status, out: Buffer.concat(chunks).toString("latin1"), err };
}

const ROLE = dumpNames().includes("v7.3-read") ? describe : describe.skip;
ROLE("check and recover on the command line", () => {
  let folder = "";
  const file = (name: string): string => join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "rbtool-"));
    for (const name of ["v7.3-read", "v7.1-rewind", "v6.12-rewind"])
      writeFileSync(file(`${name}.bin`), new Dump(name).bytes("image.bin.gz"));
    const { bytes } = damaged("004-first");
    writeFileSync(file("first.bin"), bytes);
    writeFileSync(file("time.bin"), damaged("028-pagets").bytes);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function damaged(kind: string): { bytes: Uint8Array } {
    const oracle = oracleCases().find(({ name }) => name === `7.3.4/${kind}`)!;
    return { bytes: patched(new Dump(oracle.base).bytes("image.bin.gz"), oracle.patch) };
  }

  test("a whole image: exit 0, the kernel's lines", async () => {
    const { status, out } = await run(
      "check",
      "--kernel",
      "7.3.4+deb13-cloud-amd64",
      "--phys",
      "0x17ff46000",
      file("v7.3-read.bin"),
    );
    expect(status).toBe(0);
    expect(out).toContain("would keep everything");
    expect(out).toContain(
      "Tracing: mapped boot instance boot_map at physical memory 0x000000017ff46000 of size 0x80000",
    );
    expect(out).toContain("Ring buffer meta [1] is from previous boot!");
  });

  test("a damaged one: exit 1, stable codes", async () => {
    const { status, out } = await run("check", "-k", "7.3.4", "--json", file("time.bin"));
    expect(status).toBe(1);
    const report = JSON.parse(out) as {
      kernels: { summary: string; discardedPages: number; findings: { code: string }[] }[];
    };
    expect(report.kernels[0]!.summary).toBe("loses-some");
    expect(report.kernels[0]!.discardedPages).toBe(26);
    expect(report.kernels[0]!.findings.map(({ code }) => code)).toContain("time-before-previous-page");
  });

  test("the crash is told, and recover writes nothing", async () => {
    const { status, out } = await run("check", "-k", "7.3.4", file("first.bin"));
    expect(status).toBe(1);
    expect(out).toContain("would crash in __rb_validate_buffer()");
    const recovered = await run("recover", "-k", "7.3.4", "-o", file("none.bin"), file("first.bin"));
    expect(recovered.status).toBe(1);
    expect(readdirSync(folder)).not.toContain("none.bin");
  });

  test("a version beyond all known is told to be one", async () => {
    const { out } = await run("check", "-k", "8.1", file("v7.3-read.bin"));
    expect(out).toContain("newer than any release known here");
  });

  test.each([
    ["check", "-k", "7.2", "-k", "7.1.13"],
    ["recover", "-k", "7.1.13", "-o", "-"],
  ])("--inject is refused for a kernel that has no such option: %s", async (...argv) => {
    const { status, err } = await run(...argv, "--inject", file("v7.3-read.bin"));
    expect(err).toContain("kernel 7.1.13 has no CONFIG_RING_BUFFER_PERSISTENT_INJECT; the first with it is 7.2");
    expect(status).toBe(2);
  });

  test("--inject lays out the kernels that have it: an image without it is not theirs", async () => {
    const { status, out } = await run("check", "-k", "7.2", "--inject", file("v7.3-read.bin"));
    expect(out).toContain("Ring buffer boot meta mismatch of struct size");
    expect(status).toBe(1);
  });

  test("without --kernel the kernels of the layout, with --all every behaviour", async () => {
    const some = await run("check", file("v7.3-read.bin"));
    expect(some.status).toBe(0);
    expect(some.out).toContain("6.16 and later");
    expect(some.out).not.toContain("6.12");
    const all = await run("check", "--all", file("v7.3-read.bin"));
    expect(all.status).toBe(1);
    expect(all.out).toContain("6.12 to 6.14.x");
  });

  test("recover writes what the real boot left", async () => {
    const dump = new Dump("v7.1-rewind");
    const { status } = await run("recover", "-k", "7.1.13", "-o", file("after.bin"), file("v7.1-rewind.bin"));
    expect(status).toBe(0);
    expect(Buffer.compare(readFileSync(file("after.bin")), dump.bytes("after-boot.bin.gz"))).toBe(0);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("the input is never written, under any name", async () => {
    const before = readFileSync(file("v7.3-read.bin"));
    symlinkSync(file("v7.3-read.bin"), file("symlink.bin"));
    linkSync(file("v7.3-read.bin"), file("hardlink.bin"));
    for (const name of ["v7.3-read.bin", "symlink.bin", "hardlink.bin"]) {
      const { status, err } = await run("recover", "--force", "-k", "7.3", "-o", file(name), file("v7.3-read.bin"));
      expect(status).toBe(2);
      expect(err).toContain("the input itself");
    }
    expect(Buffer.compare(readFileSync(file("v7.3-read.bin")), before)).toBe(0);
  });

  test("salvage to standard output: the image there, the report on standard error", async () => {
    const { status, out, err } = await run("recover", "--salvage", "-o", "-", file("v6.12-rewind.bin"));
    expect(status).toBe(0);
    expect(out.length).toBe(524288);
    expect(err).toContain("brought back");
  });

  test("a damaged page is cut, and the loss told, or marked where asked for", async () => {
    const bytes = Uint8Array.from(new Dump("v7.3-read").bytes("image.bin.gz"));
    bytes.fill(0, 0x24000 + 2000, 0x24000 + 2100);
    writeFileSync(file("hole.bin"), bytes);
    const flags = (name: string): number => {
      const view = new DataView(Uint8Array.from(readFileSync(file(name))).buffer);
      let count = 0;
      for (let at = 0x3000; at < 0x80000; at += 4096) if (view.getUint32(at + 8, true) >>> 30) count++;
      return count;
    };
    const told = await run("recover", "--salvage", "--json", "-o", file("mended.bin"), file("hole.bin"));
    const report = JSON.parse(told.out) as {
      cpus: { pages: { kept: boolean; repairs: string[]; lostBefore: boolean }[] }[];
    };
    const pages = report.cpus.flatMap((cpu) => cpu.pages);
    expect(pages.filter(({ kept, repairs }) => kept && repairs.includes("resynchronised")).length).toBe(1);
    expect(pages.filter(({ lostBefore }) => lostBefore).length).toBe(1);
    expect((await run("check", "-k", "7.3.4", file("mended.bin"))).status).toBe(0);
    await run("recover", "--salvage", "--mark-losses", "-o", file("marked.bin"), file("hole.bin"));
    expect(flags("marked.bin") - flags("mended.bin")).toBe(1);
  });

  test.each([
    [["recover", "-o", "x"], "which image"],
    [["recover", "-k", "7.3", "--mark-losses", "-o", "x"], "--mark-losses needs --salvage"],
    [["check", "-k", "5.4"], "--kernel: 5.4: no persistent ring buffer in it"],
    [["check", "-k", "new"], "--kernel: new: not a kernel version"],
    [["check", "--page-size", "5000"], "page sizes are powers of two"],
    [["check", "--cpus", "0"], "a number from 1 to 8192"],
  ])("%j: exit 2", async (argv, message) => {
    const { status, err } = await run(...argv, file("v7.3-read.bin"));
    expect(status).toBe(2);
    expect(err).toContain(message);
    expect(err.trimEnd().split("\n").length).toBeLessThan(4);
  });

  test("every JSON document is as its schema says", async () => {
    for (const name of ["v7.3-read.bin", "time.bin", "first.bin", "v6.12-rewind.bin", "v7.1-rewind.bin"]) {
      const checked = await run("check", "--all", "--json", file(name));
      expect(checkMismatches(JSON.parse(checked.out))).toEqual([]);
      for (const way of [["--salvage"], ["-k", "7.3.4"]]) {
        const recovered = await run("recover", "--force", ...way, "--json", "-o", file("json.bin"), file(name));
        expect(recoverMismatches(JSON.parse(recovered.out))).toEqual([]);
      }
    }
    expect(checkMismatches({ schema: "rbtool/check/2" })).not.toEqual([]);
  });
});
