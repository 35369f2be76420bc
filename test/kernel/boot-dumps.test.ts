import { describe, expect, test } from "@jest/globals";
import { boot } from "../../src/kernel/boot.js";
import { kernelBehaviour } from "../../src/kernel/versions.js";
import { Dump, dumpNames } from "../support/images.js";
import { difference } from "../support/oracle.js";
import { bufferMetaText, statsText } from "./tracefs.js";

/** Lines of boot.txt that are not about the area, and why. */
const NOT_OURS = /^ +"trace_clock=local"/; // the end of the scheduler's warning about an unstable clock

interface Tally {
  equal: number;
  total: number;
  wrong: string[];
}
const tallies: Record<string, Tally> = {};
function judge(what: string, name: string, ok: boolean, detail = ""): void {
  tallies[what] ??= { equal: 0, total: 0, wrong: [] };
  const tally = tallies[what];
  tally.total++;
  if (ok) tally.equal++;
  else tally.wrong.push(`${name}${detail}`);
}

describe("what the real kernel did with its own image at the next boot", () => {
  for (const name of dumpNames()) {
    test(name, () => {
      const dump = new Dump(name);
      const { info } = dump;
      const image = dump.bytes("image.bin.gz");
      const result = boot(image, {
        kernel: kernelBehaviour(info.kernel),
        abi: dump.abi,
        pageSize: info.pagesize,
        nrCpus: info.cpus,
        virt: dump.virtOf("after-boot.bin.gz"),
        phys: BigInt(info.region_next_boot),
      });
      const lines = dump
        .text("boot.txt")
        .split("\n")
        .filter((line) => line !== "" && !NOT_OURS.test(line));
      const sameLines = JSON.stringify(result.messages) === JSON.stringify(lines);
      judge("messages", name, sameLines, `: ${result.messages.join(" | ")} NOT ${lines.join(" | ")}`);
      const wrong = difference(result.after, dump.bytes("after-boot.bin.gz"));
      judge("bytes", name, wrong === null, wrong ? `: ${wrong.count} bytes from 0x${wrong.at.toString(16)}` : "");
      judge("faults", name, result.fault === undefined, `: ${result.fault?.message}`);
      const inNs =
        /^\[?(counter|uptime|x86-tsc|ppc-tb)/.test(dump.text("trace_clock").match(/\[(\S+)\]/)?.[1] ?? "") === false;
      for (const cpuBuffer of result.ring) {
        const { stats } = result.cpus[cpuBuffer.cpu]!;
        const ours = statsText(stats!, inNs);
        const theirs = dump
          .text(`cpu${cpuBuffer.cpu}.stats`)
          .split("\n")
          .filter((line) => line !== "" && !line.startsWith("now ts"));
        judge("stats", `${name} cpu${cpuBuffer.cpu}`, ours.join("\n") === theirs.join("\n"), `: ${ours} NOT ${theirs}`);
        const meta = bufferMetaText(cpuBuffer, result.kernel.behaviour.showsCommits).join("\n");
        const theirMeta = dump.text(`cpu${cpuBuffer.cpu}.buffer_meta`).trimEnd();
        judge(
          "buffer_meta",
          `${name} cpu${cpuBuffer.cpu}`,
          meta === theirMeta,
          `: ${meta.slice(0, 120)} NOT ${theirMeta.slice(0, 120)}`,
        );
      }
      expect(result.uncertain).toEqual([]);
    });
  }

  test("agreement", () => {
    const summary = Object.entries(tallies).map(([what, { equal, total }]) => `${what} ${equal}/${total}`);
    console.log(`real images: ${summary.join(", ")}`);
    for (const [what, { wrong }] of Object.entries(tallies)) expect({ what, wrong }).toEqual({ what, wrong: [] });
  });
});
