import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { collectStats } from "../../src/derive/stats/collect.js";
import { eventsJson } from "../../src/export/ndjson/stream.js";
import { jsonText } from "../../src/export/ndjson/strings.js";
import { stats as statsReport } from "../../src/report/stats.js";
import { writerFacts } from "../../src/system/writing-kernel.js";
import { openView } from "../../src/trace.js";
import { dumpContext, openDump, textDumps } from "../support/kernel-text.js";

const schema = (name: string): object =>
  JSON.parse(readFileSync(join(import.meta.dirname, "../../schemas", name), "utf8")) as object;

const ajv = new Ajv2020({ allowUnionTypes: true });
const validEvents = ajv.compile(schema("events.json"));
const validStats = ajv.compile(schema("stats.json"));

const CHOSEN =
  /^(v7\.3-(all|graph|stack|func|empty|clock|kaslr)|v6\.12-(read|func)|v6\.18-graph|armhf.*|s390x.*|ppc.*)$/;
for (const dump of textDumps.filter(({ name }) => CHOSEN.test(name))) {
  test(`${dump.name}: events and statistics are what the schemas say, and count the same`, () => {
    const image = openDump(dump);
    const writer = writerFacts(dumpContext(dump));
    const view = openView(image, writer);
    let document = "";
    for (const chunk of eventsJson(image, writer, view, { lines: false })) document += chunk.toString("latin1");
    const parsed = JSON.parse(Buffer.from(document, "latin1").toString("utf8")) as {
      events: { time: string; event: string }[];
    };
    expect(validEvents(parsed) || validEvents.errors).toBe(true);
    expect(parsed.events.length).toBe(view.entries());

    const stats = statsReport(image, view, collectStats(view.merge(), view.comms));
    expect(validStats(JSON.parse(JSON.stringify(stats))) || validStats.errors).toBe(true);
    expect(stats.total).toBe(parsed.events.length);
    expect(stats.events.reduce((sum, { count }) => sum + count, 0)).toBe(stats.total);
    expect(stats.tasks.reduce((sum, { count }) => sum + count, 0)).toBe(stats.total);
    expect(stats.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(stats.total);
    if (parsed.events.length === 0) return;
    expect(stats.time!.first).toBe(parsed.events[0]!.time);

    let lines = "";
    for (const chunk of eventsJson(image, writer, openView(image, writer), { lines: true, head: 50 }))
      lines += chunk.toString("latin1");
    const each = Buffer.from(lines, "latin1").toString("utf8").trimEnd().split("\n");
    expect(each.map((line) => JSON.parse(line) as unknown)).toEqual(parsed.events.slice(0, 50));
  });
}

test("strings: UTF-8 stays, stray bytes and control characters are escaped", () => {
  const back = (text: string): unknown => JSON.parse(Buffer.from(jsonText(text), "latin1").toString("utf8"));
  expect(back('a"b\\c\n\t\x00\x1b')).toBe('a"b\\c\n\t\x00\x1b');
  expect(back(Buffer.from("größe 🦆", "utf8").toString("latin1"))).toBe("größe 🦆");
  expect(back("\xff\xc3")).toBe("\xff\xc3");
  // An encoded surrogate and an overlong form are no UTF-8.
  expect(back("\xed\xa0\x80\xc0\x80")).toBe("\xed\xa0\x80\xc0\x80");
});
