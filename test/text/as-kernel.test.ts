import { isDeepStrictEqual } from "node:util";
import { afterAll, expect, test } from "@jest/globals";
import type { Dump } from "../support/images.js";
import { compareLines, dumpContext, openDump, textDumps, textOf, traceFile } from "../support/kernel-text.js";
import { countKinds, SHORT_OF_TRACE, shortfallLine } from "./shortfalls.js";

/**
 * Where the kernel that printed had its text, which no image tells: as its own files say, or found from one address
 * that it printed beside its symbol. Undefined where it lay as in the writing boot.
 */
function nextText(dump: Dump, text: string): bigint | undefined {
  if (dump.info.next_text !== undefined) return BigInt(dump.info.next_text);
  const wrote = openDump(dump).scratch?.textAddress;
  const match = /=([A-Za-z_]\w*)\+0x([0-9a-f]+)\/0x[0-9a-f]+ \((-\d+)\)/.exec(text);
  const symbols = dumpContext(dump).symbols;
  if (wrote === undefined || match === null || symbols?.textAddress === undefined) return undefined;
  const symbol = symbols.find([match[1]!]).get(match[1]!);
  if (symbol === undefined) return undefined;
  const there = BigInt.asUintN(64, BigInt(match[3]!)) - BigInt(`0x${match[2]}`);
  return there - symbol + symbols.textAddress;
}

let equal = 0;
let total = 0;

for (const dump of textDumps) {
  test(`${dump.name}: every line of the trace file is the kernel's, but for the known shortfalls`, () => {
    const want = textOf(dump, "trace.txt.gz");
    const { kernel, cpus } = dump.info;
    const got = traceFile(dump, { release: kernel, onlineCpus: cpus, text: nextText(dump, want) });
    const count = compareLines(want, got);
    process.stderr.write(`${dump.name}: ${count.equal}/${count.total} lines equal\n`);
    equal += count.equal;
    total += count.total;
    const kinds = countKinds(count.differing);
    const known = SHORT_OF_TRACE[dump.name] ?? {};
    if (!isDeepStrictEqual(kinds, known)) expect(count.differing.slice(0, 10)).toEqual([]);
    expect(kinds).toEqual(known);
  });
}

if (textDumps.length === 0) test.skip("no images with their kernels' files", () => {});

afterAll(() => {
  process.stderr.write(`as the kernel: ${equal}/${total} lines equal; not yet: ${shortfallLine(SHORT_OF_TRACE)}\n`);
});
