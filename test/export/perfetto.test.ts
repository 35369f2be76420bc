import { expect, test } from "@jest/globals";
import { timeBounds } from "../../src/events/event.js";
import { fieldPlans } from "../../src/events/fields.js";
import { ProtoWriter } from "../../src/export/perfetto/proto.js";
import type { Trace } from "../../src/trace/trace.js";
import { askTraceProcessor, type Row } from "../support/ask-trace-processor.js";
import { chosenDumps, dumpTrace, exported, tornTrace } from "../support/exporting.js";
import { textDumps } from "../support/kernel-text.js";

interface Field {
  readonly number: number;
  readonly value: number | bigint;
  readonly bytes: Buffer;
}

/** A message's fields, by protobuf's wire format. */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const value = varint();
    if ((tag & 7) !== 2) fields.push({ number: tag >> 3, value, bytes: Buffer.alloc(0) });
    else {
      fields.push({ number: tag >> 3, value, bytes: bytes.subarray(at, at + Number(value)) });
      at += Number(value);
    }
  }
  return fields;
}

/** CPU, time and pid of each event of the bundles, and how many bundles tell of a loss. */
function bundled(file: Buffer) {
  const events: string[] = [];
  let losses = 0;
  for (const packet of fieldsOf(file))
    for (const { number, bytes } of fieldsOf(packet.bytes)) {
      if (number !== 1) continue;
      const bundle = fieldsOf(bytes);
      const cpu = bundle.find((field) => field.number === 1)!.value;
      if (bundle.some((field) => field.number === 3 && field.value === 1n)) losses++;
      for (const event of bundle.filter((field) => field.number === 2)) {
        const [time, pid] = fieldsOf(event.bytes);
        events.push(`${cpu} ${time!.value} ${BigInt.asIntN(64, BigInt(pid!.value))}`);
      }
    }
  return { events: events.sort(), losses };
}

function wanted(trace: Trace) {
  const events = Array.from(trace.events(), (event) => `${event.cpu} ${event.exactTime()} ${event.pid}`).sort();
  const losses = Array.from(trace.events(), ({ lost }) => lost).filter((lost) => lost !== 0).length;
  return { events, losses };
}

const CHOSEN = /^(armhf-7.2-few|ppc64le.*|s390x-7.2-few|v6.12-rewind|v7.3-(all|graph)|l7.2-clobber|forged-s390x.*)$/;

test.each(chosenDumps(CHOSEN))("$name: perfetto holds every event", async (dump) => {
  const trace = dumpTrace(dump);
  const { bytes, events } = await exported("perfetto", trace);
  const got = bundled(bytes);
  const want = wanted(trace);
  expect(events).toBe(want.events.length);
  expect(got.losses).toBe(want.losses);
  expect(got.events.filter((event, i) => event !== want.events[i])).toEqual([]);
  const answers = askTraceProcessor(
    bytes,
    "select count(*) from ftrace_event",
    "select name from stats where value > 0 and severity = 'error' and name != 'systrace_parse_failure'",
  );
  if (answers === undefined) return;
  expect(answers[0]).toEqual([[String(events)]]);
  // Forged events of random content contradict each other.
  if (dump.name.startsWith("forged")) return;
  // A reader had taken events from between others: no mark says so.
  expect(answers[1]).toEqual(missesSwitches(trace) ? [["mismatched_sched_switch_tids"]] : []);
});

/** Whether a CPU switches away from a task that it did not switch to, without a loss between. */
function missesSwitches(trace: Trace): boolean {
  const running = new Map<number, unknown>();
  let misses = false;
  for (const event of trace.events()) {
    if (event.lost !== 0) running.delete(event.cpu);
    const format = trace.writer.formats.get(event.type);
    if (format?.name !== "sched_switch") continue;
    const field = (name: string) =>
      fieldPlans(format, trace.littleEndian)
        .find(({ key }) => key === name)!
        .get(event);
    const before = running.get(event.cpu);
    misses ||= before !== undefined && before !== field("prev_pid");
    running.set(event.cpu, field("next_pid"));
  }
  return misses;
}

test("five questions are answered in SQL as rbtool answers them", async () => {
  const trace = dumpTrace(textDumps.find(({ name }) => /^(armhf-7.2-sched|v7.3-read)$/.test(name))!);
  const { bytes } = await exported("perfetto", trace);
  const byName = new Map<string, number>();
  const byCpu = new Map<number, number>();
  let first: bigint | undefined;
  let last = 0n;
  let switches = 0;
  for (const event of trace.events()) {
    const name = trace.text.name(event.type)!;
    byName.set(name, (byName.get(name) ?? 0) + 1);
    byCpu.set(event.cpu, (byCpu.get(event.cpu) ?? 0) + 1);
    first ??= event.exactTime();
    last = event.exactTime();
    if (name === "sched_switch") switches++;
  }
  const answers = askTraceProcessor(
    bytes,
    "select name, count(*) from ftrace_event group by name order by name",
    "select ucpu, count(*) from ftrace_event group by ucpu order by ucpu",
    "select min(ts), max(ts) from ftrace_event",
    "select count(*) from ftrace_event where name = 'sched_switch'",
    "select (select count(*) from sched) > 0, (select count(*) from thread_state) > 0",
  );
  expect(byName.size).toBeGreaterThan(1);
  if (answers === undefined) return;
  const rows = (counts: Map<string | number, number>) =>
    [...counts].map(([key, count]) => [String(key), String(count)]).sort(([a], [b]) => (a! < b! ? -1 : 1));
  expect(answers[0]).toEqual(rows(byName));
  expect(answers[1]).toEqual(rows(byCpu));
  expect(answers[2]).toEqual([[String(first), String(last)]]);
  expect(answers[3]).toEqual([[String(switches)]]);
  expect(answers[4]).toEqual([switches > 0 ? ["1", "1"] : ["0", "0"]]);
});

test("torn memory: each estimate and each doubt is a mark beside its event", async () => {
  const trace = tornTrace();
  const { bytes, events, shortfalls } = await exported("perfetto", trace);
  const marked = Array.from(trace.events(), (event) => ({
    time: String(event.exactTime()),
    doubt: event.page.doubts?.get(event.record)?.join(" ") ?? null,
    low: timeBounds(event)?.low.toString() ?? null,
  })).filter(({ doubt, low }) => doubt !== null || low !== null);
  const packets = fieldsOf(bytes).map(({ bytes: packet }) => fieldsOf(packet));
  const marks = packets.filter((fields) => fields.some(({ number }) => number === 11));
  expect(marks.length).toBe(marked.length);
  expect(marks.map((fields) => String(fields.find(({ number }) => number === 8)!.value))).toEqual(
    marked.map(({ time }) => time),
  );
  expect(shortfalls.filter(({ what }) => what.includes("not marked"))).toEqual([]);
  const answers = askTraceProcessor(
    bytes,
    "select count(*) from ftrace_event",
    "select ts, extract_arg(arg_set_id, 'debug.doubt'), extract_arg(arg_set_id, 'debug.time_low') from slice where category = 'rbtool' order by id",
  );
  if (answers === undefined) return;
  const rows = (list: readonly Row[]) => list.map((row) => row.join()).sort();
  expect(answers[0]).toEqual([[String(events)]]);
  expect(rows(answers[1]!)).toEqual(rows(marked.map(({ time, doubt, low }) => [time, doubt, low])));
});

test("numbers and lengths of every size are protobuf's", () => {
  const out = new ProtoWriter(16);
  const numbers = [0n, 1n, 127n, 128n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];
  for (const value of numbers) out.halves(5, Number(value >> 32n), Number(value & 0xffffffffn));
  for (const value of [0, 300, Number.MAX_SAFE_INTEGER, -1, -(2 ** 40)]) out.int(6, value);
  for (const length of [0, 1, 127, 128, 16383, 16384, 70000]) {
    const message = out.begin(437);
    out.text(1, "x".repeat(length));
    out.end(message);
  }
  out.text(7, "gr\xc3\xbc\xff");
  const fields = fieldsOf(out.take());
  expect(fields.filter(({ number }) => number === 5).map(({ value }) => value)).toEqual(numbers);
  expect(fields.filter(({ number }) => number === 6).map(({ value }) => BigInt.asIntN(64, BigInt(value)))).toEqual([
    0n,
    300n,
    2n ** 53n - 1n,
    -1n,
    -(2n ** 40n),
  ]);
  const lengths = fields.filter(({ number }) => number === 437).map(({ bytes }) => fieldsOf(bytes)[0]!.bytes.length);
  expect(lengths).toEqual([0, 1, 127, 128, 16383, 16384, 70000]);
  expect(fields.at(-1)!.bytes.toString("utf8")).toBe("grüÿ");
});
