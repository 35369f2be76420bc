import { describe, expect, test } from "@jest/globals";
import { outcomeOf, survey } from "../../src/compare/outcome.js";
import { openImage } from "../../src/index.js";
import { boot } from "../../src/kernel/boot.js";
import { kernelBehaviour } from "../../src/kernel/versions.js";
import { Dump, dumpNames } from "../support/images.js";
import { difference, haveOracle, type OracleCase, oracleCases, patched } from "../support/oracle.js";
import { EXCEPTIONS } from "./exceptions.js";
import { textAddresses } from "./kallsyms.js";
import { bufferMetaText, statsText } from "./tracefs.js";

const tallies: Record<string, { equal: number; total: number; wrong: string[] }> = {};
function judge(what: string, name: string, ok: boolean, detail = ""): void {
  tallies[what] ??= { equal: 0, total: 0, wrong: [] };
  const tally = tallies[what];
  tally.total++;
  if (ok) tally.equal++;
  else if (!EXCEPTIONS.some((exception) => exception.what === what && exception.name === name))
    tally.wrong.push(`${name}${detail}`);
}

/** The dump by the same kernel (x86_64, 2 CPUs, 512K, nokaslr): where its boots have the area. */
const ownDumps = new Map<string, { virt: bigint; dump: Dump }>();
function ownDump(kernel: string): { virt: bigint; dump: Dump } {
  const known = ownDumps.get(kernel);
  if (known) return known;
  const name = dumpNames().find((candidate) => {
    const { info } = new Dump(candidate);
    const same =
      info.kernel.startsWith(`${kernel}+`) && info.machine === "x86_64" && info.cpus === 2 && info.bytes === 524288;
    return same && !/kaslr|memmap/.test(candidate);
  });
  if (name === undefined) throw new Error(`no image by ${kernel}`);
  const dump = new Dump(name);
  const found = { dump, virt: dump.virtOf("after-boot.bin.gz") };
  ownDumps.set(kernel, found);
  return found;
}

describe("what real kernels did with damaged images", () => {
  if (!haveOracle) {
    test.skip("no oracle here", () => {});
    return;
  }
  const images = new Map<string, Uint8Array>();
  for (const oracle of oracleCases()) {
    test(oracle.name, async () => {
      if (!images.has(oracle.base)) images.set(oracle.base, new Dump(oracle.base).bytes("image.bin.gz"));
      const image = patched(images.get(oracle.base)!, oracle.patch);
      const { dump: own, virt } = ownDump(oracle.kernel);
      const result = boot(image, {
        kernel: kernelBehaviour(oracle.kernel),
        abi: own.abi,
        pageSize: 4096,
        nrCpus: 2,
        virt,
        ...textAddresses(own.info.kernel),
      });
      judge(
        "faults",
        oracle.name,
        faultsAgree(result.fault, oracle.fault),
        `: ${result.fault?.message} NOT ${oracle.fault}`,
      );
      const ours = result.messages.filter((line) => line.includes("Ring buffer"));
      judge(
        "messages",
        oracle.name,
        JSON.stringify(ours) === JSON.stringify(oracle.boot),
        `: ${ours.join(" | ")} NOT ${oracle.boot?.join(" | ")}`,
      );
      if (oracle.change !== undefined) await judgeUntold(oracle, image);
      if (oracle.fault) return;
      const wrong = difference(result.after, patched(image, oracle.after_boot ?? []));
      judge(
        "bytes",
        oracle.name,
        wrong === null,
        wrong ? `: ${wrong.count} bytes from 0x${wrong.at.toString(16)}` : "",
      );
      for (const cpuBuffer of result.ring) {
        const lines = [
          ...statsText(result.cpus[cpuBuffer.cpu]!.stats!, true),
          ...bufferMetaText(cpuBuffer, false).slice(0, 4),
        ];
        const text = lines.map((line) => line.replace(/^([^:]+): +/, "$1: ")).join(", ");
        const theirs = Object.entries(oracle.stats![cpuBuffer.cpu]!)
          .map(([key, value]) => `${asLabel(key)}: ${value}`)
          .join(", ");
        judge("stats", `${oracle.name} cpu${cpuBuffer.cpu}`, text === theirs, `: ${text} NOT ${theirs}`);
      }
    });
  }

  test("agreement", () => {
    const summary = Object.entries(tallies).map(([what, { equal, total }]) => `${what} ${equal}/${total}`);
    console.log(`oracle: ${summary.join(", ")}`);
    for (const [what, { wrong }] of Object.entries(tallies)) expect({ what, wrong }).toEqual({ what, wrong: [] });
  });
});

/** The same with nothing but the image and the version: CPUs, sizes, address and word are found in the bytes. */
async function judgeUntold(oracle: OracleCase, bytes: Uint8Array): Promise<void> {
  const { boot: result } = outcomeOf(survey(await openImage(bytes)), kernelBehaviour(oracle.kernel));
  const lines = result.messages.filter((line) => line.includes("Ring buffer"));
  const wrong = oracle.fault ? null : difference(result.after, patched(bytes, oracle.after_boot ?? []));
  const same = JSON.stringify(lines) === JSON.stringify(oracle.boot) && wrong === null;
  judge(
    "untold",
    oracle.name,
    same && faultsAgree(result.fault, oracle.fault),
    `: ${lines.join(" | ")} ${wrong?.count}`,
  );
}

/** The stats keys that are file fields keep their underscore; those of `stats` are printed with spaces. */
function asLabel(key: string): string {
  return /^(head_buffer|commit_buffer|subbuf_size|nr_subbufs)$/.test(key) ? key : key.replaceAll("_", " ");
}

function faultsAgree(
  ours: { function: string; address: bigint | null } | undefined,
  theirs: readonly string[] | undefined,
): boolean {
  if (!ours || !theirs) return !ours && !theirs;
  const text = theirs.join("\n");
  const address = /address: ([0-9a-f]{16})/.exec(text)?.[1];
  const fn = /RIP: \S+:([A-Za-z0-9_]+)/.exec(text)?.[1];
  return fn === ours.function && ours.address !== null && BigInt(`0x${address}`) === ours.address;
}
