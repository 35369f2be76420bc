import { expect, test } from "@jest/globals";
import { latenciesOf } from "../../src/derive/latency.js";
import { syscallsOf } from "../../src/derive/syscalls.js";
import type { Trace } from "../../src/trace/trace.js";
import { askTraceProcessor } from "../support/ask-trace-processor.js";
import { chosenDumps, dumpTrace, exported, tornTrace } from "../support/exporting.js";
import { textDumps } from "../support/kernel-text.js";
import { spansOf } from "../support/span-check.js";

interface ChromeEvent {
  readonly ph: "M" | "B" | "E" | "i";
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly name: string;
  readonly cat: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** Chrome's own rules, and the same spans and instants as were told of. */
async function checkChrome(trace: Trace): Promise<Buffer> {
  const { bytes, events } = await exported("chrome", trace);
  const all = (JSON.parse(bytes.toString("utf8")) as { traceEvents: ChromeEvent[] }).traceEvents;
  const told = spansOf(trace);
  expect([events, told.shown + told.instants]).toEqual([trace.entries(), trace.entries()]);
  const of = (ph: string) => all.filter((event) => event.ph === ph);
  const lost = of("i").filter(({ cat }) => cat === "lost");
  expect([of("B").length, of("E").length]).toEqual([told.spans.length, told.spans.length]);
  expect([of("i").length - lost.length, lost.length]).toEqual([told.instants, told.losses]);
  // Each track has a name.
  const named = new Set(
    all.flatMap(({ ph, name, pid, tid }) => (name === "thread_name" && ph === "M" ? [`${pid} ${tid}`] : [])),
  );
  expect(all.filter(({ ph, pid, tid }) => ph !== "M" && !named.has(`${pid} ${tid}`))).toEqual([]);
  // Per track, ends pair with the beginnings before them, and times do not fall.
  const open = new Map<string, number[]>();
  const wrong: ChromeEvent[] = [];
  for (const event of all) {
    if (event.ph !== "B" && event.ph !== "E") continue;
    const key = `${event.pid} ${event.tid}`;
    const stack = open.get(key) ?? [];
    open.set(key, stack);
    if (event.ph === "B") stack.push(event.ts);
    else if (!((stack.pop() ?? Number.POSITIVE_INFINITY) <= event.ts)) wrong.push(event);
  }
  expect([wrong, [...open.values()].flat()]).toEqual([[], []]);
  // Every instant is an event of the trace, at its time and on its CPU.
  const key = (time: unknown, cpu: number, name: string) => `${time} ${cpu} ${name}`;
  const left = new Map<string, number>();
  for (const event of trace.events()) {
    const time = event.exactTime();
    const place = key(
      Number(`${time / 1000n}.${String(time % 1000n).padStart(3, "0")}`),
      event.cpu,
      trace.text.name(event.type) ?? `type ${event.type}`,
    );
    left.set(place, (left.get(place) ?? 0) + 1);
  }
  const strangers = of("i").filter(({ cat, ts, tid, name }) => {
    if (cat === "lost") return false;
    const place = key(ts, tid, name);
    left.set(place, (left.get(place) ?? 0) - 1);
    return left.get(place)! < 0;
  });
  expect(strangers).toEqual([]);
  return bytes;
}

const CHOSEN =
  /^(v7\.3-(read|graph|stack|empty|clock)|v6\.12-rewind|armhf.*|arm64.*few|s390x-7.2.*|ppc64le.*|g7\.3-(probes|8cpu)|forged-s390x.*)$/;
test.each(chosenDumps(CHOSEN))("$name: spans pair, and each event is shown once", async (dump) => {
  await checkChrome(dumpTrace(dump));
});

const graph = textDumps.find(({ name }) => name === "v7.3-graph");
(graph === undefined ? test.skip : test)(
  "a CPU's idle task has a track of its own: where it called functions",
  async () => {
    const trace = dumpTrace(graph!);
    const { bytes } = await exported("chrome", trace);
    const { traceEvents } = JSON.parse(bytes.toString("utf8")) as { traceEvents: ChromeEvent[] };
    const tracks = traceEvents.flatMap(({ ph, args }) => (ph === "M" ? [String(args?.name)] : []));
    const cpus = new Set<number>();
    for (const { pid, cpu, type } of trace.events())
      if (pid === 0 && trace.text.name(type) === "funcgraph_entry") cpus.add(cpu);
    expect(cpus.size).toBeGreaterThan(0);
    expect(tracks.filter((name) => name.startsWith("idle")).sort()).toEqual(
      [...cpus].sort().map((cpu) => `idle of CPU ${cpu}`),
    );
  },
);

test("torn memory: spans pair where events were lost, and doubts are marked", async () => {
  const text = (await checkChrome(tornTrace())).toString("utf8");
  expect([text.includes('"timeBounds":['), text.includes('"doubt":['), text.includes("events are lost")]).toEqual([
    true,
    true,
    true,
  ]);
});

test("system calls and functions last as long as `latency` says", () => {
  for (const dump of textDumps.filter(({ name }) => /^(v7\.3-(read|graph)|v6\.18-graph)$/.test(name))) {
    const trace = dumpTrace(dump);
    const { spans, losses } = spansOf(trace);
    const { syscalls, functions } = latenciesOf(trace.events(), {
      kinds: trace.kinds,
      syscalls: syscallsOf(trace),
      from: 0,
    });
    // Who calls exit_group() is out of it when it dies.
    const returned = spans.filter(({ how, name }) => how === "over" && !/^exit(_group)?$/.test(name));
    const sum = (kind: string) => {
      const ended = returned.filter(({ track }) => track.kind === kind);
      return [ended.length, ended.reduce((total, { from, until }) => total + until - from, 0)];
    };
    const rows = (table: typeof functions | typeof syscalls) => {
      const all = table.list();
      return [all.reduce((n, { count }) => n + count, 0), all.reduce((n, { total }) => n + total, 0)];
    };
    expect(losses).toBe(0);
    expect(sum("task")).toEqual(rows(syscalls));
    expect(sum("functions")[0]).toBeGreaterThanOrEqual(rows(functions)[0]!);
  }
});

test("Perfetto's trace processor takes it, with the same spans", async () => {
  const trace = dumpTrace(textDumps.find(({ name }) => name === "v7.3-read")!);
  const { bytes } = await exported("chrome", trace);
  const { spans, instants } = spansOf(trace);
  const answers = askTraceProcessor(
    bytes,
    "select count(*) from slice",
    "select name from stats where value > 0 and severity = 'error'",
    "select count(*), sum(dur) from slice where category = 'task'",
  );
  if (answers === undefined) return;
  const calls = spans.filter(({ track }) => track.kind === "task");
  expect(answers).toEqual([
    [[String(spans.length + instants)]],
    [],
    [[String(calls.length), String(calls.reduce((total, { from, until }) => total + until - from, 0))]],
  ]);
});
