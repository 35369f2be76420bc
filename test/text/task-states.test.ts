import { describe, expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { compareLines, dumpContext, textDumps, textOf, traceFileOf } from "../support/kernel-text.js";
import { countKinds } from "./shortfalls.js";

/** What lies at trace_output.c's state_char in 7.3.4+deb13-amd64's vmlinuz. */
const STATES = Buffer.from(
  "5253445474585a50490000000000000000000000000000001bb29a82ffffffff24619782ffffffff1d149782ffffffff0000000000000000" +
    "00ca9a3b00000000240000000000000000e1f50500000000400000000000000080969800000000002a0000000000000040420f0000000000" +
    "2300000000000000a086010000000000210000000000000010270000000000002b0000000000000000000000000000000000000000000000" +
    "90f48081ffffffff20f38081ffffffff",
  "hex",
)
  .toString("latin1")
  .padEnd(256, "\0");
const LINKED = 0xffffffff81000000n;

const dump = textDumps.find(({ name }) => name === "forged-g7.3ftrace-s1");

(dump ? describe : describe.skip)("a task's state beyond those that there are", () => {
  const kinds = (text: bigint) => {
    const { kernel, cpus } = dump!.info;
    const kernelText = { linkedAt: LINKED, textAt: () => undefined, taskStates: STATES };
    const context = { ...dumpContext(dump!), kernelText };
    const bytes = dump!.bytes();
    new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(32, text, true);
    const got = traceFileOf(readImage(new MemorySource(bytes)), context, { release: kernel, onlineCpus: cpus });
    return countKinds(compareLines(textOf(dump!, "trace.txt.gz"), got).differing);
  };

  test("is the byte that lies there in the kernel's own file", () => {
    expect(kinds(LINKED)["task's state"]).toBeUndefined();
  });

  test("is not told where KASLR had moved the kernel, and the pointers there", () => {
    expect(kinds(0xffffffff9ba00000n)["task's state"]).toBe(109);
  });
});
