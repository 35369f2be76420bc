import { expect, test } from "@jest/globals";
import type { TraceEvent } from "../../src/events/event.js";
import { TextSink } from "../../src/print/text-sink.js";
import { KernelLine, type LineSources } from "../../src/text/line.js";

test("what a line begins with is made once for a task with its flags on each of many CPUs, but for a few", () => {
  let made = 0;
  const sources = {
    names: {
      at: (pid: number) => {
        made++;
        return `task${pid}`;
      },
      span: (pid: number) => ({ name: `task${pid}`, from: 0, until: Number.POSITIVE_INFINITY }),
    },
    latency: { text: (flags: number) => `d..${flags} ` },
    time: { write: (_: TraceEvent, out: TextSink) => out.text("1.000000") },
  } as unknown as LineSources;
  const line = new KernelLine(sources);
  const out = new TextSink(4096);
  for (let round = 0; round < 10; round++)
    for (let pid = 0; pid < 8; pid++)
      for (let flags = 0; flags < 4; flags++)
        for (let cpu = 0; cpu < 16; cpu++) {
          const event = { pid, cpu, flags, preemptCount: 0, position: round, page: {} } as unknown as TraceEvent;
          line.before(event, out);
          expect(out.take().toString()).toBe(
            `           task${pid}-${pid}       [${String(cpu).padStart(3, "0")}] d..${flags} 1.000000: `,
          );
        }
  // Two that come one after the other in the same place are made each time.
  expect(made).toBeGreaterThanOrEqual(8 * 4 * 16);
  expect(made).toBeLessThan(2 * 8 * 4 * 16);
});

test("a line that is remembered is made anew where its task has another name, before and behind", () => {
  const spans = [
    { name: "sh", from: 0, until: 5 },
    { name: "dd", from: 5, until: Number.POSITIVE_INFINITY },
  ];
  const span = (_: number, position: number) => spans.find(({ until }) => position < until)!;
  const sources = {
    names: { at: (pid: number, position: number) => span(pid, position).name, span },
    latency: { text: () => "..... " },
    time: { write: (_: TraceEvent, out: TextSink) => out.text("1.000000") },
  } as unknown as LineSources;
  const line = new KernelLine(sources);
  const out = new TextSink(4096);
  const nameAt = (position: number): string => {
    line.before({ pid: 7, cpu: 0, flags: 0, preemptCount: 0, position, page: {} } as unknown as TraceEvent, out);
    return out.take().toString().trim().split("-")[0]!;
  };
  expect([3, 4, 5, 6, 4, 5].map(nameAt)).toEqual(["sh", "sh", "dd", "dd", "sh", "dd"]);
});
