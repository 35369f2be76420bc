import { expect, test } from "@jest/globals";
import {
  compareLines,
  dumpContext,
  dumpInfo,
  dumpNames,
  gunzipped,
  openDump,
  traceFile,
} from "../support/kernel-text.js";

/**
 * Where the kernel that printed had its text, which no image tells: found from one address that it printed beside its
 * symbol. Undefined where it lay as in the writing boot.
 */
function nextText(name: string, text: string): bigint | undefined {
  const image = openDump(name);
  const wrote = image.scratch?.textAddress;
  const match = /=([A-Za-z_]\w*)\+0x([0-9a-f]+)\/0x[0-9a-f]+ \((-\d+)\)/.exec(text);
  const symbols = dumpContext(name, image).symbols;
  if (wrote === undefined || match === null || symbols?.textAddress === undefined) return undefined;
  const symbol = symbols.find([match[1]!]).get(match[1]!);
  if (symbol === undefined) return undefined;
  const there = BigInt.asUintN(64, BigInt(match[3]!)) - BigInt(`0x${match[2]}`);
  return there - symbol + symbols.textAddress;
}

const names = dumpNames();

for (const name of names) {
  test(`${name}: every line of the trace file is the kernel's`, () => {
    const want = gunzipped(name, "trace.txt.gz").toString("latin1");
    const { kernel, cpus } = dumpInfo(name);
    const got = traceFile(name, { release: kernel, onlineCpus: cpus, text: nextText(name, want) });
    const count = compareLines(want, got);
    process.stderr.write(`${name}: ${count.equal}/${count.total} lines equal\n`);
    expect(count.differing).toEqual([]);
    expect(count.equal).toBe(count.total);
  });
}

if (names.length === 0) test.skip("no images with their kernels' files", () => {});
