import { expect, test } from "@jest/globals";
import { Lessons } from "../../src/events/lessons.js";
import { LearntNames } from "../../src/events/names.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { openTrace } from "../../src/trace/open.js";
import type { TraceSpec } from "../../src/trace/spec.js";
import type { SubbufBuilder } from "../support/build-image.js";
import { LE64, madeImage, payload } from "../support/made-events.js";

const COMMON = `\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

`;
const format = (system: string, name: string, id: number, fields: string) =>
  parseFormat(`name: ${name}\nID: ${id}\nformat:\n${COMMON}${fields}\nprint fmt: "x"\n`, LE64, system);

const WAKING = 300;
const RENAME = 301;
const OTHER = 302;
const formats = new Map(
  [
    format(
      "sched",
      "sched_waking",
      WAKING,
      "\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n\tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;\n",
    ),
    format(
      "task",
      "task_rename",
      RENAME,
      "\tfield:pid_t pid;\toffset:8;\tsize:4;\tsigned:1;\n\tfield:char oldcomm[16];\toffset:12;\tsize:16;\tsigned:0;\n\tfield:char newcomm[16];\toffset:28;\tsize:16;\tsigned:0;\n",
    ),
  ].map((each) => [each.id, each]),
);
const name16 = (name: string): Uint8Array => Uint8Array.from({ length: 16 }, (_, i) => name.charCodeAt(i) || 0);
const waking = (comm: string, pid: number) => payload(LE64, WAKING, 1, [name16(comm), [4, pid]]);
const rename = (pid: number, before: string, after: string) =>
  payload(LE64, RENAME, pid, [[4, pid], name16(before), name16(after)]);
const other = (pid: number) => payload(LE64, OTHER, pid, []);

const repeat = (page: SubbufBuilder, times: number): SubbufBuilder => {
  for (let i = 0; i < times; i++) page.event(2, other(8));
  return page;
};

function namesOf(comms?: TraceSpec["names"]): string[] {
  const bytes = madeImage(LE64, [
    (page) => page.event(10, other(7)).event(10, waking("seven", 7)).event(30, other(7)).event(50, other(8)),
    (page) =>
      page
        .event(15, other(7))
        .event(20, rename(7, "seven", "new"))
        .event(1, other(7))
        .event(100, other(9)),
  ]);
  const cmdlines = new Map([
    [7, "saved"],
    [9, "nine"],
  ]);
  const view = openTrace(readImage(new MemorySource(bytes)), { formats, cmdlines }, { names: comms });
  return Array.from(view.events(), ({ pid, position }) => `${pid} ${view.names.at(pid, position)}`);
}

test("a name holds from the event that says it; before any does, the first; a new one from the next event on", () => {
  expect(namesOf("events")).toEqual([
    "7 seven",
    "7 seven",
    "1 <...>",
    "7 seven",
    "7 new",
    "7 new",
    "8 <...>",
    "9 <...>",
  ]);
});

test("what events do not say, saved_cmdlines may", () => {
  expect(namesOf()).toEqual(["7 seven", "7 seven", "1 <...>", "7 seven", "7 new", "7 new", "8 <...>", "9 nine"]);
  expect(namesOf("saved").filter((each) => each.startsWith("7"))).toEqual(Array(5).fill("7 saved"));
});

test("a name's span says from where to where it holds, whoever asks first", () => {
  const bytes = madeImage(LE64, [
    (page) => page.event(1, waking("a", 5)).event(1, waking("b", 5)).event(1, other(5)).event(1, waking("a", 5)),
  ]);
  const { names } = openTrace(readImage(new MemorySource(bytes)), { formats });
  const spans = [
    { name: "a", from: 0, until: 1 },
    { name: "b", from: 1, until: 3 },
    { name: "a", from: 3, until: Number.POSITIVE_INFINITY },
  ];
  for (const at of [3, 0, 2, 1, 9, 1, 2]) expect(names.span(5, at)).toEqual(spans[Math.min(2, Math.ceil(at / 2))]);
});

test("a name that begins another is one of its own; of 15 characters, all count", () => {
  const long = "fifteen-letters";
  const told = ["bash", "bas", "bash", "bash2", long, `${long.slice(0, -1)}S`];
  const bytes = madeImage(LE64, [(page) => told.reduce((all, name) => all.event(1, waking(name, 5)), page)]);
  const { names } = openTrace(readImage(new MemorySource(bytes)), { formats });
  expect(told.map((_, at) => names.at(5, at))).toEqual(told);
});

/** 1,184 events of four CPUs, most of pid 8; three of them give pid 5 a name, and pid 6 is named late. */
function longTrace() {
  const named = [0, 1, 2, 3].map((n) => waking(`name${n}`, n === 3 ? 6 : 5));
  const bytes = madeImage(LE64, [
    (page) => named.reduce((all, each) => repeat(all.event(1, each), 70), page),
    ...Array.from({ length: 3 }, () => (page: SubbufBuilder) => repeat(page, 300)),
  ]);
  return openTrace(readImage(new MemorySource(bytes)), { formats });
}

test("no more events are walked than the names that are asked for need", () => {
  const events = longTrace().everyEvent();
  const names = new LearntNames(new Lessons(formats, true), () => events);
  const walked = (): number => events.given;
  expect([names.at(5, 0), walked()]).toEqual(["name0", 1]);
  expect([names.at(5, 255), walked()]).toEqual(["name0", 256]);
  expect([names.at(5, 300), walked()]).toEqual(["name1", 301]);
  expect([names.at(6, 0), walked()]).toEqual(["name3", 847]);
  expect([names.at(9, 0), walked()]).toEqual(["<...>", 1184]);
});

test("in the end, each has its last name; saved names are those of who is not named", () => {
  const saved = new Map([
    [0, "none"],
    [5, "before"],
    [7, "saved"],
  ]);
  const names = new LearntNames(new Lessons(formats, true), () => longTrace().everyEvent(), saved);
  expect([...names.last()]).toEqual([
    [7, "saved"],
    [5, "name2"],
    [6, "name3"],
  ]);
  expect(names.known).toBe(true);
});

test("who goes over the events is heard: nothing is walked twice but for a task that is named later", () => {
  const trace = longTrace();
  const walk = trace.everyEvent();
  const names = new LearntNames(new Lessons(formats, true), () => walk);
  const shown: string[] = [];
  for (const event of trace.everyEvent()) {
    names.hear(event);
    if (event.position < 600) shown.push(names.at(5, event.position));
    if (event.position === 700) expect([names.at(6, 700), walk.given]).toEqual(["name3", 847]);
  }
  expect([new Set(shown), walk.given]).toEqual([new Set(["name0", "name1", "name2"]), 847]);
});

test("whoever asks first, and however far the walk has come, names are the same, and spans come to hold", () => {
  const all = Array.from({ length: 800 }, (_, at) => at);
  const { names: known } = longTrace();
  known.at(9, 0);
  expect(known.span(5, 300)).toMatchObject({ name: "name1" });
  for (const order of [all, all.toReversed(), all.map((at) => (at * 389) % 800)]) {
    const { names } = longTrace();
    const asked = order.flatMap((at) => [5, 6, 8].map((pid) => ({ pid, at, span: names.span(pid, at) })));
    const wrong = asked.filter(
      ({ pid, at, span }) => span.name !== known.at(pid, at) || at < span.from || at >= span.until,
    );
    expect(wrong).toEqual([]);
    names.at(9, 0);
    const differs = ({ pid, at, span }: (typeof asked)[number]) => {
      const whole = known.span(pid, at);
      return span.name !== whole.name || span.from !== whole.from || span.until !== whole.until;
    };
    expect(asked.filter(differs)).toEqual([]);
  }
});
