import { expect, test } from "@jest/globals";
import { isDoubtful, type TraceEvent } from "../../src/events/event.js";
import { formatForLibtraceevent } from "../../src/export/trace-dat/format-text.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { Kallsyms } from "../../src/system/symbols/kallsyms.js";
import { openTrace } from "../../src/trace/open.js";
import type { TraceSpec } from "../../src/trace/spec.js";
import type { Trace } from "../../src/trace/trace.js";
import { chosenDumps, dumpTrace, exported, tornTrace } from "../support/exporting.js";
import { formatText } from "../support/formats.js";
import { textDumps } from "../support/kernel-text.js";
import { LE64, madeImage, payload } from "../support/made-events.js";
import { eventsOf, parseV7, seen, traceCmdReport, unparsed } from "../support/trace-dat.js";

/** time, CPU, pid and name of each event, as trace-cmd's lines have them. */
function wanted(trace: Trace) {
  return Array.from(trace.events(), (event) => [
    event.exactTime(),
    event.cpu,
    event.pid,
    trace.text.name(event.type) ?? "",
  ]);
}

/** Where two lists differ first; undefined where they are the same. */
function difference(got: readonly (readonly unknown[])[], want: readonly (readonly unknown[])[]) {
  for (let i = 0; i < Math.max(got.length, want.length); i++)
    if (got[i]?.join() !== want[i]?.join()) return { at: i, got: got[i], want: want[i] };
  return undefined;
}

function losses(trace: Trace): number {
  return Array.from(trace.events(), ({ lost }) => lost).filter((lost) => lost !== 0).length;
}

/** One of each layout, byte order, word and page size, and what real memory does. */
const CHOSEN =
  /^(armhf-7.2-(few|sched)|arm64-16k-7.2-few|ppc64le.*|s390x-7.2-few|s390x-6.12.*|v6.12-rewind|v7.3-(all|clock|empty|stack)|l7.2-clobber|forged-s390x.*)$/;
const chosen = chosenDumps(CHOSEN);

for (const dump of chosen) {
  test(`${dump.name}: trace.dat holds the events; trace-cmd shows them, and says nothing else`, async () => {
    const trace = dumpTrace(dump);
    const { bytes, events } = await exported("trace.dat", trace);
    const file = parseV7(bytes);
    expect(difference(seen(eventsOf(bytes, file)), seen(trace.events()))).toBeUndefined();
    expect([events, file.pageSize, file.abi]).toEqual([trace.entries(), dump.info.pagesize, dump.abi]);
    const report = traceCmdReport(bytes);
    if (report === undefined) return;
    expect([report.messages, report.drops]).toEqual(["", losses(trace)]);
    expect(difference(report.events, wanted(trace))).toBeUndefined();
  });
}

const CHOICES: readonly TraceSpec[] = [{ pids: [1] }, { cpus: [1] }, { last: "50ms" }, { filter: "common_pid > 100" }];
test.each(CHOICES)("with a choice of events the pages are made anew: %j", async (spec) => {
  for (const dump of textDumps.filter(({ name }) => /^(v7.3-stack|v7.1-rewind|s390x-6.12-readmid)$/.test(name))) {
    const trace = dumpTrace(dump, spec);
    const { bytes, events } = await exported("trace.dat", trace);
    expect(difference(seen(eventsOf(bytes, parseV7(bytes))), seen(trace.events()))).toBeUndefined();
    expect(events).toBeLessThan(dumpTrace(dump).entries());
    const report = traceCmdReport(bytes);
    if (report !== undefined)
      expect([report.messages, difference(report.events, wanted(trace))]).toEqual(["", undefined]);
  }
});

/** The mark of an event, as the buffer that it is put into. */
function bufferOf(event: TraceEvent): string {
  return [isDoubtful(event) ? "doubtful" : [], event.page.bounds === undefined ? [] : "estimated"].flat().join("+");
}

test("torn memory: every event that is believed, those with a mark in buffers of their own", async () => {
  const trace = tornTrace();
  const marked = Array.from(trace.events(), (event) => [bufferOf(event), seen([event])] as const);
  const names = [...new Set(marked.map(([name]) => name))];
  expect(names).toEqual(expect.arrayContaining(["", "doubtful", "estimated"]));
  for (const version of ["trace.dat", "trace.dat-v6"]) {
    const { bytes, events, shortfalls } = await exported(version, trace);
    expect(events).toBe(trace.entries());
    expect(shortfalls.map(({ what }) => what)).toContain(
      "how far estimated times may be off: that they are estimates is marked",
    );
    if (version === "trace.dat") {
      const file = parseV7(bytes);
      expect(new Set(file.buffers.keys())).toEqual(new Set(names));
      for (const name of names)
        expect(
          difference(
            seen(eventsOf(bytes, file, name)),
            marked.filter(([of]) => of === name).flatMap(([, event]) => event),
          ),
        ).toBeUndefined();
    }
    const report = traceCmdReport(bytes);
    if (report === undefined) continue;
    expect([report.messages, report.drops]).toEqual(["", losses(trace)]);
    // Of events at the same time, which buffer's comes first is trace-cmd's choice.
    const lines = Array.from(trace.events(), (event) =>
      [
        event.exactTime(),
        event.cpu,
        event.pid,
        trace.text.name(event.type) ?? `type_${event.type}`,
        bufferOf(event),
      ].join(),
    );
    expect(report.events.map((event, i) => [...event, report.buffers[i]].join()).sort()).toEqual(lines.sort());
  }
});

test("an event without a format file is shown all the same, by its number", async () => {
  const dump = textDumps.find(({ name }) => name === "v7.3-read")!;
  const whole = dumpTrace(dump);
  const [first] = Array.from(whole.events(), ({ type }) => type);
  const formats = new Map([...whole.writer.formats].filter(([type]) => type !== first));
  const trace = dumpTrace(dump, {}, { formats });
  const { bytes, shortfalls } = await exported("trace.dat", trace);
  const lost = Array.from(trace.events(), ({ type }) => type).filter((type) => type === first).length;
  expect(shortfalls).toContainEqual({ what: "events without a format file: shown without fields", count: lost });
  const report = traceCmdReport(bytes);
  if (report === undefined) return;
  const want = wanted(trace).map(([time, cpu, pid, name]) => [time, cpu, pid, name || `type_${first}`]);
  expect([report.messages, difference(report.events, want)]).toEqual(["", undefined]);
});

test("version 6 shows what version 7 shows", async () => {
  for (const dump of chosen.filter(({ name }) => /^(v7.3-all|armhf|s390x-7.2-few|ppc64le|v6.12-rewind)/.test(name))) {
    const trace = dumpTrace(dump);
    const six = await exported("trace.dat-v6", trace);
    expect(six.bytes.toString("latin1", 0, 12)).toBe("\x17\x08\x44tracing6\0");
    const report = traceCmdReport(six.bytes);
    if (report !== undefined)
      expect([report.messages, difference(report.events, wanted(trace))]).toEqual(["", undefined]);
  }
});

test("names that events tell are in the file, and earlier ones are told of", async () => {
  const dump = textDumps.find(({ name }) => name === "v7.3-read")!;
  const trace = dumpTrace(dump, { names: "events" });
  const { bytes, shortfalls } = await exported("trace.dat", trace);
  const names = parseV7(bytes).sections.get(21)!.subarray(8).toString("latin1");
  const pids = new Set(Array.from(trace.events(), ({ pid }) => pid));
  const inTheEnd = [...pids].map((pid) => [pid, trace.names.at(pid, Number.MAX_SAFE_INTEGER)] as const);
  const known = inTheEnd.filter(([pid, name]) => pid > 0 && name !== "<...>");
  expect(known.length).toBeGreaterThan(10);
  for (const [pid, name] of known) expect(names).toContain(`${pid} ${name}\n`);
  expect(shortfalls).toEqual([{ what: expect.stringContaining("earlier names"), count: expect.any(Number) }]);
});

test("kallsyms is that of the writing boot: the kernel's lines moved, modules' by their text", () => {
  const file = Buffer.from(
    [
      "0000000000000000 A fixed_percpu_data",
      "ffffffff81000000 T _text",
      "ffffffff81000000 T _stext",
      "ffffffff81000100 T schedule",
      "ffffffff83000000 B _end",
      "ffffffffc0001000 t probe\t[thing]",
      "ffffffffc0009000 d data\t[thing]",
      "ffffffffc0101000 t other\t[other]\n",
    ].join("\n"),
  );
  const kallsyms = new Kallsyms(file);
  expect(Buffer.from(kallsyms.inWritingBoot())).toEqual(file);
  kallsyms.relocate({
    text: 0xffffffff91000000n,
    modules: [
      { name: "thing", address: 0xffffffffc0201000n },
      { name: "other", address: 0xffffffffc0101000n },
    ],
  });
  expect(Buffer.from(kallsyms.inWritingBoot()).toString().split("\n")).toEqual([
    "0000000000000000 A fixed_percpu_data",
    "ffffffff91000000 T _text",
    "ffffffff91000000 T _stext",
    "ffffffff91000100 T schedule",
    "ffffffff93000000 B _end",
    "ffffffffc0101000 t other\t[other]",
    "ffffffffc0201000 t probe\t[thing]",
    "",
  ]);
});

test("what libtraceevent does not know or dies of is told in its words, and nothing else is touched", () => {
  const format = (print: string) => Buffer.from(`name: x\nID: 1\nformat:\n\nprint fmt: ${print}\n`);
  const mended = (print: string) => Buffer.from(formatForLibtraceevent(format(print))).toString();
  for (const [from, to] of [
    ['"%d/%d", REC->a ? 1 : REC->b / REC->a, 5', '"%d/%d", REC->a ? 1 : (REC->b / REC->a), 5'],
    ['"%d", (REC->a == 0 ? 0 : (100 * REC->b) / REC->a)', '"%d", (REC->a == 0 ? 0 : ((100 * REC->b) / REC->a))'],
    ['"%d", a ? b : c ? d : e % f', '"%d", a ? b : (c ? d : (e % f))'],
    ['"%s / %d", REC->a ? "x/y" : "z", b / c', '"%s / %d", REC->a ? "x/y" : "z", b / c'],
    ['"%d", a ? b / c : (d / e)', '"%d", a ? b / c : (d / e)'],
    ['"%d %d", REC->ent.pid, REC->a', '"%d %d", REC->common_pid, REC->a'],
    ['"%d", REC->ent.other', '"%d", REC->ent.other'],
    ['"%s\tx", REC->a', '"%s\\tx", REC->a'],
    [
      '"%s", __print_dynamic_array(a, sizeof(unsigned long))',
      '"%s", __print_array(__get_dynamic_array(a), __get_dynamic_array_len(a) / sizeof(unsigned long), sizeof(unsigned long))',
    ],
    ['"%s", __print_dynamic_array(a, 1)', '"%s", __print_hex(__get_dynamic_array(a), __get_dynamic_array_len(a))'],
    ['"%s", __trace_print_untrusted_str(p, __get_str(a), __get_dynamic_array_len(a) - 1)', '"%s", __get_str(a)'],
    ['"%pUb %s", &REC->hdr_uuid, __print_hex(&REC->id[7], 4)', '"%pUb %s", REC->hdr_uuid, __print_hex(&REC->id[7], 4)'],
    ['"%llx", (unsigned long long)pte_val(native_make_pte(REC->a))', '"%llx", (unsigned long long)((REC->a))'],
    ['"%s", REC->a ?: "none"', '"%s", REC->a ? REC->a : "none"'],
    ['"%s %d", str_read_write(!(REC->a)), b', '"%s %d", ((!(REC->a)) ? "read" : "write"), b'],
    [
      '"%d", ({ int x = (REC->a); int y = (128); ((x) < (y) ? (x) : (y)); })',
      '"%d", ((REC->a) < (128) ? (REC->a) : (128))',
    ],
    [
      '"%s", mc_event_error_type(REC->a)',
      '"%s", __print_symbolic(REC->a, { 0, "Corrected" }, { 1, "Uncorrected" }, { 2, "Deferred" }, { 3, "Fatal" }, { 4, "Info" })',
    ],
  ] as const)
    expect(mended(from)).toBe(format(to).toString());
  // What is repeated may not hold what is repeated.
  const deep = `"%s", ${"__get_stacktrace(".repeat(15)}a${")".repeat(15)}`;
  expect(mended(deep).length).toBeLessThan(600);
  expect(mended(`"%s", ${"str_on_off(".repeat(90_000)}`)).toContain("str_on_off(str_on_off(");
  expect(mended(`"%s", ${deep.repeat(2_000)}`)).toContain(deep.slice(6, 60));
});

/** All common fields, which trace-cmd wants. */
const COMMON = `\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;
`;

function formatFile(id: number, ...[fields, print, name]: Parameters<typeof formatText>): Buffer {
  const text = formatText(fields, print, name).replace("ID: 1000", `ID: ${id}`);
  return Buffer.from(text.replace(/\tfield:.*common_type.*\n/, COMMON), "latin1");
}

test("trace-cmd prints what it has no words for", async () => {
  const files = [
    formatFile(
      1000,
      [
        ["unsigned int fd", 8, 4, 0],
        ["__data_loc char[] __buf_val", 12, 4, 0],
      ],
      '"fd: %d (%s)\t%s", REC->fd, __print_dynamic_array(__buf_val, 1), str_on_off(REC->fd)',
      "write",
    ),
    formatFile(
      1001,
      [
        ["pid_t pid", 8, 4, 1],
        ["__data_loc unsigned long[] stack", 16, 8, 1],
      ],
      '"pid=%d stack=%s", REC->pid, __get_stacktrace(stack)',
      "stk",
    ),
  ];
  const stack = [
    [4, 7],
    [4, 0],
    [4, 24 | (16 << 16)],
    [4, 0],
    [8, 1n],
    [8, 0xffffffff81001004n],
  ] as const;
  const image = madeImage(LE64, [
    (page) => {
      page.event(10, payload(LE64, 1000, 1, [[4, 3], [4, 16 | (2 << 16)], "hi"]));
      page.event(10, payload(LE64, 1001, 1, stack));
    },
  ]);
  const formats = files.map((bytes) => parseFormat(bytes.toString("latin1"), LE64, "lab"));
  const trace = openTrace(
    readImage(new MemorySource(image)),
    {
      release: "7.3.4",
      formats: new Map(formats.map((format) => [format.id, format])),
      files: { formats: files.map((bytes) => ({ system: "lab", path: "", bytes })) },
    },
    {},
  );
  const report = traceCmdReport((await exported("trace.dat", trace)).bytes);
  if (report === undefined) return;
  expect(report.messages).toBe("");
  expect(report.text).toMatch(/ write: +fd: 3 \(68 69\)\ton\n/);
  expect(report.text).toMatch(/ stk: +pid=7 stack=1 18446744071578849284\n/);
});

/** By what these print: bytes from the middle of a field, tables of a driver, what only the kernel knows. */
const UNKNOWN =
  /^(cxl:cxl_(dram|general_media|memory_module|memory_sparing)|intel_iommu:prq_report|landlock:landlock_check_rule_\w+|nvme:nvme_\w+|libata:\w+|ras:extlog_mem_event)$/;

test("formats of a whole kernel: the others are parsed", async () => {
  const names = unparsed(
    (await exported("trace.dat", dumpTrace(textDumps.find(({ name }) => name === "v7.3-few")!))).bytes,
  );
  if (names === undefined) return;
  expect(names.filter((name) => !UNKNOWN.test(name))).toEqual([]);
  expect(names).not.toEqual([]);
});
