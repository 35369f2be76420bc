import { expect, test } from "@jest/globals";
import type { Io } from "../../src/io.js";
import { renderLast } from "../../src/render/last.js";
import { styleFor } from "../../src/render/style.js";
import { widthOf } from "../../src/render/wrap.js";
import { type LastReport, last } from "../../src/report/last.js";
import { writingKernel } from "../../src/system/writing-kernel.js";
import { KernelLine } from "../../src/text/line.js";
import { openTrace } from "../../src/trace/open.js";
import type { Trace } from "../../src/trace/trace.js";
import { COLLECTED } from "../support/collection.js";
import { type Dump, realImages } from "../support/images.js";
import { dumpContext, openDump } from "../support/kernel-text.js";
import { schemaOf } from "../support/schema.js";
import { traceText } from "../support/trace-text.js";

const PLAIN = styleFor({ env: {} } as Io, "never");
const isValid = schemaOf("last");

function traceOf(dump: Dump): Trace {
  return openTrace(openDump(dump), writingKernel(dumpContext(dump)), { sure: true, gaps: true });
}

/** A line of the trace text, taken apart; what it says is all that the check below goes by. */
interface Line {
  readonly pid: number;
  readonly cpu: number;
  readonly time: string;
  readonly name: string;
  readonly body: string;
}

function linesOf(trace: Trace): Line[] {
  const columns = new KernelLine(trace);
  const text = traceText({
    events: trace.events(),
    text: trace.text,
    before: (event, out) => columns.before(event, out),
    lost: false,
  });
  return [...text.matchAll(/^ *.*?-(\d+) +\[(\d+)\] \S{5} +(\d+\.\d+|\d+): (?:(\w+): )?(.*)$/gm)].map(
    ([, pid, cpu, time, name, body]) => ({
      pid: Number(pid),
      cpu: Number(cpu),
      time: time!,
      name: name ?? "",
      body: body!,
    }),
  );
}

interface Claim {
  readonly what: string;
  readonly text: string;
  readonly since: { readonly cpu: number; readonly time: string };
}

/** Every open thing that the report claims of a task. */
function claimsOf(report: LastReport): { pid: number; claim: Claim }[] {
  return [
    ...report.cpus.flatMap(({ running, stack }) => stack.map((claim) => ({ pid: running!.pid, claim }))),
    ...[...report.waiting, ...report.blocked, ...report.sleeping].flatMap(({ pid, call }) =>
      call === null ? [] : [{ pid, claim: call }],
    ),
  ];
}

/** What ends a thing, as the text says it. */
function ends(claim: Claim, begin: Line, line: Line): boolean {
  const key = /^\S+/.exec(begin.body)?.[0];
  switch (claim.what) {
    case "syscall":
      return line.name === "sys_exit" || / -> 0x/.test(line.body);
    case "function": {
      const depth = /\((\d+)\)/.exec(begin.body)?.[1];
      return line.body.startsWith(`<-- ${claim.text} (${depth})`);
    }
    case "softirq":
      return line.name === "softirq_exit" && line.body.startsWith(key!);
    case "irq":
      return line.name === "irq_handler_exit" && line.body.startsWith(key!);
    case "work":
      return line.name === "workqueue_execute_end" && line.body.startsWith(/^work struct \S+/.exec(begin.body)![0]);
    default:
      return line.name === begin.name.replace(/entry$/, "exit") && line.body.startsWith(key!);
  }
}

const micro = (time: string, { inNs }: Trace): string => {
  if (!inNs) return time;
  const us = (BigInt(time) + 500n) / 1000n;
  return `${us / 1_000_000n}.${String(us % 1_000_000n).padStart(6, "0")}`;
};

let claimed = 0;

test.each(realImages.map((dump) => [dump.name, dump] as const))(
  "%s: the report fits its schema and 50 columns, and what it claims to be open is",
  (_, dump) => {
    const trace = traceOf(dump);
    const report = last(trace, 3);
    expect(isValid(JSON.parse(JSON.stringify(report)))).toEqual([]);
    expect(report.answer.length).toBeGreaterThan(5);
    for (const columns of [50, 80]) {
      const text = renderLast(report, { columns, unicode: true, style: PLAIN, wide: false });
      expect(text.split("\n").filter((line) => widthOf(line) > columns)).toEqual([]);
    }
    const lines = linesOf(traceOf(dump));
    for (const { pid, claim } of claimsOf(report)) {
      const own = (line: Line) => line.pid === pid && (pid !== 0 || line.cpu === claim.since.cpu);
      const at = lines.findIndex((line) => own(line) && line.time === micro(claim.since.time, trace));
      expect({ claim, found: at >= 0 }).toEqual({ claim, found: true });
      const begin = lines[at]!;
      expect({ claim, ended: lines.slice(at + 1).find((line) => own(line) && ends(claim, begin, line)) }).toEqual({
        claim,
        ended: undefined,
      });
      claimed++;
    }
  },
);

test("there were claims to check", () => {
  expect(claimed).toBeGreaterThan(COLLECTED ? 50 : 0);
});

(COLLECTED ? test : test.skip)("a machine whose end is known: who spun, who starved, who hung", () => {
  const dump = realImages.find(({ name }) => name === "g7.3-deaths")!;
  const { answer, blocked, waiting, sleeping, cpus } = last(traceOf(dump), 3);
  expect(answer).toMatch(/^CPU 0 ran spinner-248 \(real-time\) for the last 681\.7 ms, while spinner-250 .* waited/);
  expect(answer).toContain("stuckwriter-245 was in D for 1.12 s, in openat");
  expect(cpus[1]!.running!.pid).toBe(0);
  expect(waiting.map(({ pid, why }) => [pid, why])).toEqual([[250, "preempted"]]);
  expect(blocked).toMatchObject([{ pid: 245, state: "D", call: { name: "openat" } }]);
  expect(blocked[0]!.since.time.slice(0, 8)).toBe("13126591".slice(0, 8));
  expect(sleeping.find(({ pid }) => pid === 243)).toMatchObject({ state: "S", call: { name: "openat" } });
});
