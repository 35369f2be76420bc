import { expect, test } from "@jest/globals";
import { dumpTrace, exported } from "../support/exporting.js";
import { textDumps } from "../support/kernel-text.js";
import { rbtool } from "../support/run.js";

/** Cells of RFC 4180, by the letter. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    row.push(quoted === undefined ? plain! : quoted.replace(/""/g, '"'));
    if (end === "\n") {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

interface EventLine {
  readonly time: string;
  readonly cpu: number;
  readonly pid: number;
  readonly comm: string;
  readonly event?: string;
  readonly lost?: number | true;
  readonly text: string;
  readonly fields: unknown;
}

const CHOSEN = /^(v7\.3-(all|graph|stack|empty|clock)|v6\.12-read|armhf.*few|s390x.*few|ppc.*|g7\.3-probes)$/;
for (const dump of textDumps.filter(({ name }) => CHOSEN.test(name))) {
  test(`${dump.name}: csv has what ndjson has`, async () => {
    const trace = dumpTrace(dump);
    const { bytes, events, shortfalls } = await exported("csv", trace);
    const lines = await exported("ndjson", trace);
    expect([events, lines.events, shortfalls]).toEqual([trace.entries(), trace.entries(), []]);
    const [head, ...rows] = csvRows(bytes.toString("utf8"));
    const objects = lines.bytes
      .toString("utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as EventLine);
    expect(rows.length).toBe(events);
    const differing = rows.filter((cells, i) => {
      const row = Object.fromEntries(cells.map((cell, j) => [head![j], cell]));
      const { time, cpu, pid, comm, event = "", lost, text, fields } = objects[i]!;
      const want = [time, cpu, pid, comm, event, lost === true ? -1 : (lost ?? ""), text];
      const got = ["time", "cpu", "pid", "comm", "event", "lost", "text"].map((name) => row[name]);
      return want.join("\n") !== got.join("\n") || JSON.stringify(JSON.parse(row.fields!)) !== JSON.stringify(fields);
    });
    expect(differing).toEqual([]);
  });
}

test("csv has a loss that nobody counted as -1", async () => {
  const dump = textDumps.find(({ name }) => name === "v7.3-read")!;
  const { bytes } = await exported("csv", dumpTrace(dump, { gaps: true }));
  const [head, ...rows] = csvRows(bytes.toString("utf8"));
  const [time, lost] = ["time", "lost"].map((name) => head!.indexOf(name)) as [number, number];
  expect(rows.filter((row) => row[lost] !== "").map((row) => [row[time], row[lost]])).toEqual([
    ["5579905817", "-1"],
    ["6905124330", "-1"],
  ]);
});

test("text is what `events` prints", async () => {
  const image = "fixtures/dumps/v7.3-read/image.bin.gz";
  const events = await rbtool(["events", "--no-live", image]);
  const text = await rbtool(["export", "--no-live", "--to", "text", "-o", "-", image]);
  expect(text.stdout).toBe(events.stdout);
  expect(text.stdout.split("\n").length).toBeGreaterThan(10_000);
});
