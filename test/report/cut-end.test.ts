import { expect, test } from "@jest/globals";
import type { TraceEvent } from "../../src/events/event.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { last } from "../../src/report/last.js";
import { writingKernel } from "../../src/system/writing-kernel.js";
import { openTrace } from "../../src/trace/open.js";
import { fixture } from "../support/images.js";
import { dumpContext } from "../support/kernel-text.js";

/** Ends that are known: a real image whose CPU 1 stops to log at some event, as a CPU does that dies there. */
const DUMP = fixture("v7.3-read");
const BYTES = DUMP.bytes();
const WRITER = writingKernel(dumpContext(DUMP));
const CPU = 1;

const traceOf = (bytes: Uint8Array) =>
  openTrace(readImage(new MemorySource(bytes)), WRITER, { sure: true, gaps: true });

interface Line {
  readonly cpu: number;
  readonly pid: number;
  readonly t: number;
  readonly text: string;
  readonly offset: number;
  readonly end: number;
  readonly subbuf: number;
}

/** What a person would read, of the whole image. */
const LINES: readonly Line[] = (() => {
  const trace = traceOf(BYTES);
  const line = (event: TraceEvent): Line => ({
    cpu: event.cpu,
    pid: event.pid,
    t: event.t,
    text:
      trace.text.isRegistered(event.type) && !trace.text.builtin(event.type) ? trace.text.body(event, event.type) : "",
    offset: event.offset,
    end: event.offset + (event.data - event.record) + event.dataSize,
    subbuf: event.page.id,
  });
  return Array.from(trace.events(), line);
})();

/** The image as if the CPU had written nothing after an event: its commit, and the page that commits go to. */
function cutBehind({ end, subbuf }: Line): Uint8Array {
  const bytes = BYTES.slice();
  const view = new DataView(bytes.buffer);
  const image = readImage(new MemorySource(BYTES));
  const cpu = image.cpus[CPU]!;
  const page = (id: number): number => cpu.subbufsOffset + cpu.indexById[id]! * cpu.subbufSize;
  const later = cpu.live.slice(cpu.live.indexOf(subbuf) + 1);
  for (const id of later) view.setBigUint64(page(id) + 8, 0n, true);
  view.setBigUint64(page(subbuf) + 8, BigInt(end - page(subbuf) - 16), true);
  const { values, spans } = cpu.meta!;
  const { first_buffer: first } = values as { first_buffer: bigint };
  const { commit_buffer: commit } = spans as { commit_buffer: { offset: number } };
  view.setBigUint64(commit.offset, first + BigInt(cpu.indexById[subbuf]! * cpu.subbufSize), true);
  return bytes;
}

/** Lines of CPU 1 behind which a task is in a system call, after the last loss of events; every so many. */
const CUTS = (() => {
  const own = LINES.filter(({ cpu }) => cpu === CPU);
  const late = own.filter(({ t }) => t > LINES.at(-1)!.t - 150_000_000 && t < LINES.at(-1)!.t - 20_000_000);
  return late.filter(({ pid, text }, i) => pid > 0 && i % 60 === 0 && !text.startsWith("sched_switch"));
})();

test("there are ends to test", () => {
  expect(CUTS.length).toBeGreaterThan(5);
});

test.each(CUTS.map((line, i) => [i, line] as const))(
  "end %i: who ran, in which call, silent for how long",
  (_, cut) => {
    const report = last(traceOf(cutBehind(cut)), 3);
    const kept = LINES.filter(({ cpu, t, offset }) => cpu !== CPU || t < cut.t || offset === cut.offset);
    const { running, beforeEnd, stack, last: evidence } = report.cpus[CPU]!;
    expect(evidence!.offset).toBe(cut.offset);
    expect(running!.pid).toBe(cut.pid);
    expect(Number(beforeEnd)).toBeCloseTo(kept.at(-1)!.t - cut.t, -1);
    // The task's calls, by the text alone.
    const calls = kept.filter(
      ({ pid, text }) => pid === cut.pid && /^(?:sys_(?:enter|exit)|sched_process_exit): /.test(text),
    );
    const call = calls.at(-1);
    const nr = call === undefined ? undefined : /^sys_enter: NR (\d+) /.exec(call.text)?.[1];
    const claimed = stack.filter(({ what }) => what === "syscall").map(({ since }) => since.offset);
    expect(claimed).toEqual(nr === undefined ? [] : [call!.offset]);
    expect(report.answer).toContain(`CPU ${CPU} fell silent`);
  },
);
