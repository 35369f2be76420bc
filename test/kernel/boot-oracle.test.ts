import { afterAll, describe, expect, test } from "@jest/globals";
import { outcomeOf, survey } from "../../src/compare/outcome.js";
import { openImage } from "../../src/index.js";
import { MemorySource } from "../../src/input/source.js";
import { boot } from "../../src/kernel/boot.js";
import { bufferMetaFile, statsFile } from "../../src/kernel/tracefs.js";
import { kernelBehaviour } from "../../src/kernel/versions/kernel.js";
import { Dump, dumpNames } from "../support/images.js";
import { difference, haveOracle, type OracleCase, oracleCases, patched } from "../support/oracle.js";
import { EXCEPTIONS } from "./exceptions.js";
import { textAddresses } from "./kallsyms.js";

/** How many comparisons were made, for the console. */
const compared: Record<string, number> = {};
function same(what: string, name: string, ours: unknown, theirs: unknown): void {
  compared[what] = (compared[what] ?? 0) + 1;
  // An exception that is none any more has to go.
  if (EXCEPTIONS.some((exception) => exception.what === what && exception.name === name))
    expect({ what, is: ours }).not.toEqual({ what, is: theirs });
  else expect({ what, is: ours }).toEqual({ what, is: theirs });
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
      const result = boot(new MemorySource(image), {
        kernel: kernelBehaviour(oracle.kernel),
        abi: own.abi,
        pageSize: 4096,
        nrCpus: 2,
        virt,
        ...textAddresses(own.info.kernel),
      });
      same("faults", oracle.name, faultOf(result.fault), theirFault(oracle.fault));
      const ours = result.messages.filter((line) => line.includes("Ring buffer"));
      same("messages", oracle.name, ours, oracle.boot);
      if (oracle.change !== undefined) await sameUntold(oracle, image);
      if (oracle.fault) return;
      const changed = difference(result.after.read(0), patched(image, oracle.after_boot ?? []));
      same("bytes", oracle.name, changed, undefined);
      expect(result.ring.map(({ cpu }) => String(cpu))).toEqual(Object.keys(oracle.stats!));
      for (const cpuBuffer of result.ring) {
        const lines = [
          ...statsFile(result.cpus[cpuBuffer.cpu]!.stats!, true)
            .trimEnd()
            .split("\n")
            .filter((line) => !line.startsWith("now")),
          ...bufferMetaFile(cpuBuffer, { metaShowsCommits: false }).split("\n").slice(0, 4),
        ];
        same(
          "stats",
          oracle.name,
          lines.map((line) => line.replace(/^([^:]+): +/, "$1: ")),
          Object.entries(oracle.stats![cpuBuffer.cpu]!).map(([key, value]) => `${asLabel(key)}: ${value}`),
        );
      }
    });
  }
});

afterAll(() => {
  const summary = Object.entries(compared).map(([what, count]) => `${what} ${count}`);
  process.stderr.write(`oracle, comparisons made: ${summary.join(", ")}\n`);
});

/** The same with nothing but the image and the version: CPUs, sizes, address and word are found in the bytes. */
async function sameUntold(oracle: OracleCase, bytes: Uint8Array): Promise<void> {
  const { boot: result } = outcomeOf(survey(await openImage(bytes)), kernelBehaviour(oracle.kernel));
  const messages = result.messages.filter((line) => line.includes("Ring buffer"));
  const changed = oracle.fault ? undefined : difference(result.after.read(0), patched(bytes, oracle.after_boot ?? []));
  same(
    "untold",
    oracle.name,
    { messages, changed, fault: faultOf(result.fault) },
    { messages: oracle.boot, changed: undefined, fault: theirFault(oracle.fault) },
  );
}

/** The stats keys that are file fields keep their underscore; those of `stats` are printed with spaces. */
function asLabel(key: string): string {
  return /^(head_buffer|commit_buffer|subbuf_size|nr_subbufs)$/.test(key) ? key : key.replaceAll("_", " ");
}

interface FaultText {
  readonly function: string | undefined;
  readonly address: bigint | undefined;
}

function faultOf(fault: { function: string; address: bigint | undefined } | undefined): FaultText | undefined {
  return fault && { function: fault.function, address: fault.address ?? undefined };
}

/** What a kernel said of the fault that killed it. */
function theirFault(lines: readonly string[] | undefined): FaultText | undefined {
  if (lines === undefined) return undefined;
  const text = lines.join("\n");
  const address = /address: ([0-9a-f]{16})/.exec(text)?.[1];
  return {
    function: /RIP: \S+:([A-Za-z0-9_]+)/.exec(text)?.[1],
    address: address === undefined ? undefined : BigInt(`0x${address}`),
  };
}
