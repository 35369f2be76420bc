import { afterAll, describe, expect, test } from "@jest/globals";
import { MemorySource } from "../../src/input/source.js";
import { boot } from "../../src/kernel/boot.js";
import { bufferMetaFile, statsFile } from "../../src/kernel/tracefs.js";
import { kernelBehaviour } from "../../src/kernel/versions/kernel.js";
import { Dump, dumpNames } from "../support/images.js";
import { difference } from "../support/oracle.js";

/** Lines of boot.txt that are not about the area, and why. */
const NOT_OURS = /^ +"trace_clock=local"/; // the end of the scheduler's warning about an unstable clock

/** How many comparisons were made, for the console. */
const compared: Record<string, number> = {};
function same(what: string, ours: unknown, theirs: unknown): void {
  compared[what] = (compared[what] ?? 0) + 1;
  expect({ what, is: ours }).toEqual({ what, is: theirs });
}

describe("what the real kernel did with its own image at the next boot", () => {
  for (const name of dumpNames()) {
    test(name, () => {
      const dump = new Dump(name);
      const { info } = dump;
      // Where nobody saved the area as the boot left it, the next boot had it where the writing one had.
      const after = dump.has("after-boot.bin.gz") ? "after-boot.bin.gz" : undefined;
      const result = boot(new MemorySource(dump.bytes()), {
        kernel: kernelBehaviour(info.kernel),
        abi: dump.abi,
        pageSize: info.pagesize,
        nrCpus: info.cpus,
        virt: dump.virtOf(after ?? "image.bin.gz"),
        phys: BigInt(info.region_next_boot),
      });
      const lines = dump
        .text("boot.txt")
        .split("\n")
        .filter((line) => line !== "" && !NOT_OURS.test(line));
      same("messages", result.messages, lines);
      same("faults", result.fault, undefined);
      if (after !== undefined) same("bytes", difference(result.after.read(0), dump.bytes(after)), undefined);
      expect(result.ring.map(({ cpu }) => cpu)).toEqual(Array.from({ length: info.cpus }, (_, cpu) => cpu));
      for (const cpuBuffer of result.ring) {
        const { cpu } = cpuBuffer;
        const theirs = dump.text(`cpu${cpu}.stats`).replace(/^now ts:.*/m, "now ts: <...>");
        same(`stats`, statsFile(result.cpus[cpu]!.stats!, inNanoseconds(dump)), theirs);
        const meta = bufferMetaFile(cpuBuffer, result.kernel.reading);
        same("buffer_meta", meta, dump.text(`cpu${cpu}.buffer_meta`));
      }
      expect(result.uncertain).toEqual([]);
    });
  }
});

/** Forged images have no trace_clock: their times are nanoseconds. */
function inNanoseconds(dump: Dump): boolean {
  const clock = dump.has("trace_clock") ? /\[(\S+)\]/.exec(dump.text("trace_clock"))?.[1] : undefined;
  return !/^(counter|uptime|x86-tsc|ppc-tb)/.test(clock ?? "local");
}

afterAll(() => {
  const summary = Object.entries(compared).map(([what, count]) => `${what} ${count}`);
  process.stderr.write(`real images, comparisons made: ${summary.join(", ")}\n`);
});
