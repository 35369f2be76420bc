import { expect, test } from "@jest/globals";
import { doubtsOf, isDoubtful } from "../../src/events/event.js";
import { WriterDoubts } from "../../src/events/writer-doubts.js";
import { csvParts } from "../../src/export/csv.js";
import { eventsJson } from "../../src/export/ndjson/stream.js";
import { writeParts } from "../../src/export/parts.js";
import { INFERRED, Shortfalls } from "../../src/export/shortfalls.js";
import { eventsText } from "../../src/export/text/stream.js";
import { InferredShown } from "../../src/print/inferred-shown.js";
import { makeEnv } from "../../src/print/make-env.js";
import { openTrace } from "../../src/trace/open.js";
import type { Trace } from "../../src/trace/trace.js";
import { exported } from "../support/exporting.js";
import { LE64 } from "../support/made-events.js";
import { story } from "../support/story.js";

/** A module's data was placed by inference, and the second event points to its last byte, the third behind it. */
const DATA = { address: 0xffffffffc0600000n, size: 0x2000 };
const told = story([
  [0, 10, 1, "workqueue_execute_start", { work: 0xffff888100000000n, function: 0xffffffff81000000n }],
  [0, 20, 1, "workqueue_execute_start", { work: 0xffff888100000000n, function: 0xffffffffc0601fffn }],
  [0, 30, 1, "workqueue_execute_start", { work: 0xffff888100000000n, function: 0xffffffffc0602000n }],
  [0, 40, 1, "nothing"],
]);
const trace = (placed = [DATA]): Trace => openTrace(told.image, { ...told.writer, placed });
const linesOf = (chunks: Iterable<Buffer>): string[] => {
  let text = "";
  for (const chunk of chunks) text += chunk.toString("latin1");
  return text.trim().split("\n");
};
const textOf = (of: Trace): string[] => linesOf(eventsText(of)).filter((line) => !line.startsWith("#"));

test("JSON names the doubt of a value, and its field", () => {
  const events = linesOf(eventsJson(trace(), { lines: true })).map((line) => JSON.parse(line));
  expect(events.map(({ doubt }) => doubt)).toEqual([undefined, ["module-data"], undefined, undefined]);
  expect(events.map(({ doubtfulFields }) => doubtfulFields)).toEqual([undefined, ["function"], undefined, undefined]);
});

test("the event itself is not in doubt: its line is the kernel's, and --sure keeps it", () => {
  expect(textOf(trace())).toEqual(textOf(told));
  const events = trace().events();
  events.next();
  const second = events.next()!;
  expect(doubtsOf(second)).toEqual(["module-data"]);
  expect(isDoubtful(second)).toBe(false);
  expect(textOf(openTrace(told.image, { ...told.writer, placed: [DATA] }, { sure: true }))).toHaveLength(4);
});

test("exports say it where they have a place for doubts, and count it where they have none", async () => {
  let csv = "";
  const write = async (bytes: Uint8Array): Promise<void> => {
    csv += Buffer.from(bytes).toString("latin1");
  };
  await writeParts(csvParts)(trace(), { write }, {});
  expect(
    csv
      .trim()
      .split("\n")
      .map((line) => line.includes(",module-data,")),
  ).toEqual([false, false, true, false, false]);
  const shortfalls = new Shortfalls();
  const events = trace().events();
  for (let event = events.next(); event !== undefined; event = events.next()) shortfalls.unmarked(event);
  expect(shortfalls.list()).toEqual([{ what: INFERRED, count: 1 }]);
});

test.each(["trace.dat", "trace.dat-v6"])(
  "%s has no place for it, whether pages are copied or made anew",
  async (name) => {
    const { writer, image } = trace();
    const chosen = openTrace(image, writer, { pids: [1] });
    expect([trace().subbufs === undefined, chosen.subbufs === undefined]).toEqual([false, true]);
    for (const [of, count] of [
      [trace(), 1],
      [chosen, 1],
      [openTrace(image, writer, { events: ["nothing"] }), undefined],
      [trace([]), undefined],
    ] as const)
      expect((await exported(name, of)).shortfalls.find(({ what }) => what === INFERRED)?.count).toBe(count);
  },
);

test("names and texts that are printed from such memory are counted", () => {
  const shown = new InferredShown(new WriterDoubts({ placed: [DATA], formats: new Map() }, LE64));
  const env = shown.counted(makeEnv({ abi: LE64 }));
  env.symbol(0xffffffff, 0xc0600000, "S");
  env.symbol(0xffffffff, 0xc05fffff, "S");
  // There is no text, so none is shown.
  env.string(0xffffffff, 0xc0600010);
  expect(shown.count).toBe(1);
});

test("without such memory nothing is in doubt", () => {
  expect(linesOf(eventsJson(trace([]), { lines: true })).some((line) => line.includes("doubt"))).toBe(false);
});
