import { expect, test } from "@jest/globals";
import { dissectSubbuf } from "../../src/reading/anatomy.js";
import { readingOf } from "../../src/reading/reading.js";
import { page } from "../../src/report/page.js";
import { writingKernel } from "../../src/system/writing-kernel.js";
import { Dump } from "../support/images.js";
import { dumpContext, openDump } from "../support/kernel-text.js";

const dump = new Dump("v7.3-read");

/** What the kernel printed of each event of a name, CPU 1's in order. */
function printed(name: string): string[] {
  const lines = Buffer.from(dump.bytes("trace.txt.gz")).toString("latin1");
  return [...lines.matchAll(new RegExp(` \\[001\\] .*?: ${name}: (.*)$`, "gm"))].map(([, text]) => text!);
}

/** The fields of each such record in CPU 1's unread sub-buffers. */
function shown(name: string): ReadonlyMap<string, string>[] {
  const image = openDump(dump);
  const { formats } = writingKernel(dumpContext(dump));
  const { cpu, unread } = readingOf(image).cpus[1]!;
  return unread
    .flatMap(
      ({ index }) => page(image, dissectSubbuf(image, cpu, index), { formatOf: (type) => formats.get(type) }).parts,
    )
    .filter(({ event }) => event !== null && event !== undefined && formats.get(event.type)?.name === name)
    .map(({ fields }) => new Map(fields.map((field) => [field.name, field.value])));
}

test("numbers and texts are those that the kernel printed", () => {
  const events = shown("sched_switch");
  expect(events.length).toBeGreaterThan(50);
  const words = ["prev_comm", "prev_pid", "prev_prio", "next_comm", "next_pid", "next_prio"];
  expect(
    events.map((fields) => words.map((word) => `${word}=${fields.get(word)!.replace(/^"(.*)"$/, "$1")}`).join(" ")),
  ).toEqual(printed("sched_switch").map((text) => text.replace(/ prev_state=\S+ ==>/, "")));
});

test("an array's elements are those that the kernel printed, in its order", () => {
  const events = shown("sys_enter");
  expect(events.length).toBeGreaterThan(1000);
  const hex = (digits: string): string => BigInt(`0x${digits}`).toString();
  expect(events.map((fields) => [fields.get("id"), fields.get("args")])).toEqual(
    printed("sys_enter").map((text) => {
      const [, id, args] = /^NR (-?\d+) \((.*)\)$/.exec(text)!;
      return [id, `[${args!.split(", ").map(hex).join(", ")}]`];
    }),
  );
});
