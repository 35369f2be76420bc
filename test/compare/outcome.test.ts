import { expect, test } from "@jest/globals";
import { outcomeOf, survey } from "../../src/compare/outcome.js";
import { openImage } from "../../src/index.js";
import { kernelBehaviour } from "../../src/kernel/versions/kernel.js";
import { readingOf } from "../../src/reading/reading.js";
import { fixture } from "../support/images.js";
import { LE64, madeImage } from "../support/made-events.js";

const summaryOf = async (bytes: Uint8Array, release = "7.3.4") => {
  const { summary, readableEvents, keptEvents } = outcomeOf(survey(await openImage(bytes)), kernelBehaviour(release));
  return { summary, readableEvents, keptEvents };
};

/** The number of modules in the scratch area: more than it has room for makes the kernel zero it. */
function withoutScratch(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  new DataView(copy.buffer).setBigUint64(40, 1n << 40n, true);
  return copy;
}

test("everything, some or all is lost: by the events that can be read and those that are kept", async () => {
  const whole = fixture("v7.3-read").bytes();
  const { readableEvents } = await summaryOf(whole);
  expect(await summaryOf(whole)).toEqual({ summary: "keeps-everything", readableEvents, keptEvents: readableEvents });
  expect(await summaryOf(withoutScratch(whole))).toEqual({
    summary: "loses-some",
    readableEvents,
    keptEvents: readableEvents,
  });
  // 6.12 looks for another layout: both CPUs are made anew.
  expect(await summaryOf(whole, "6.12.107")).toEqual({ summary: "loses-all", readableEvents, keptEvents: 0 });
});

test("where no event is left to lose, not all are lost", async () => {
  const empty = madeImage(LE64, [() => {}]);
  const nothing = { readableEvents: 0, keptEvents: 0 };
  expect(await summaryOf(empty)).toEqual({ summary: "keeps-everything", ...nothing });
  expect(await summaryOf(withoutScratch(empty))).toEqual({ summary: "loses-some", ...nothing });
});

test("a sub-buffer whose commit is gone can be read here, and not by the kernel: its events are dropped", async () => {
  const bytes = Uint8Array.from(fixture("v7.3-read").bytes());
  const whole = await openImage(Uint8Array.from(bytes));
  const { cpu, unread } = readingOf(whole).cpus[0]!;
  const middle = unread[30]!;
  const at = cpu.subbufsOffset + middle.index * cpu.subbufSize + 8;
  bytes.fill(0, at, at + 8);
  const { cpus } = outcomeOf(survey(await openImage(bytes)), kernelBehaviour("7.3.4"));
  expect(cpus[0]!.dropped.map(({ index, events }) => ({ index, events }))).toEqual([
    { index: middle.index, events: middle.records.events },
  ]);
  expect(cpus[0]!.droppedEvents).toBe(middle.records.events);
  expect(cpus[1]!.dropped).toEqual([]);
});
