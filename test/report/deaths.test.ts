import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { shutdown } from "../../src/report/last/shutdown.js";
import { last } from "../../src/report/last.js";
import { buildContext } from "../../src/system/context.js";
import { loadContextFiles } from "../../src/system/load.js";
import { writingKernel } from "../../src/system/writing-kernel.js";
import { openTrace } from "../../src/trace/open.js";
import { FIXTURES } from "../support/collection.js";

const DEATHS = join(FIXTURES, "deaths");
const [V6, V7] = ["6.12.107+deb13-cloud-amd64", "7.3.4+deb13-cloud-amd64"];

/**
 * Machines whose end is known: truth.md beside each says what it was.
 * @param patch changes the image before it is read
 */
function lastOf(name: string, release: string, patch?: (image: DataView) => void) {
  const folder = join(DEATHS, name);
  const bytes = new Uint8Array(gunzipSync(readFileSync(join(folder, "image.bin.gz"))));
  patch?.(new DataView(bytes.buffer));
  const image = readImage(new MemorySource(bytes));
  const events = release === V7 ? join(FIXTURES, "kernels", V7, "events.tar.gz") : join(DEATHS, "panic/events.tar.gz");
  const kallsyms = join(folder, "kallsyms");
  const symbols = existsSync(kallsyms) ? { kallsyms } : {};
  const writer = writingKernel(buildContext(loadContextFiles({ events, release, ...symbols }), image.layout.abi));
  return last(openTrace(image, writer, { sure: true, gaps: true }), 3);
}

type Report = ReturnType<typeof lastOf>;

/** `syscall write`, `timer endless_timer`: what a CPU was in, as far as it is certain. */
function inside({ cpus }: Report, cpu: number): string[] {
  return cpus[cpu]!.stack.filter(({ certain }) => certain).map(
    ({ what, text }) => `${what} ${/function[ =](\S+)/.exec(text)?.[1] ?? text.replace(/\(.*/, "")}`,
  );
}

const seconds = (units: string): number => Number(units) / 1e9;

test("a panic by sysrq: the kernel's words, who did it, in which call, who spun, who slept", () => {
  const report = lastOf("panic", V6);
  const { answer, cpus, sleeping, messages } = report;
  expect(answer).toMatch(/^kernel panic: sysrq triggered crash; CPU 1 .*crasher-152.*system call .*interrupts off/);
  expect(cpus[0]!.running).toMatchObject({ comm: "spinner", pid: 148 });
  expect(cpus[1]!.running).toMatchObject({ comm: "crasher", pid: 152 });
  expect(inside(report, 1)).toEqual(["syscall write"]);
  expect(sleeping.map(({ comm, call }) => [comm, call?.name])).toEqual([
    ["piper", "openat"],
    ["init", "wait4"],
  ]);
  expect(messages.some(({ text }) => text.includes("Kernel panic - not syncing: sysrq triggered crash"))).toBe(true);
});

describe("a machine that was told to go", () => {
  test("the kernel's own words, where the console was traced", () => {
    const { answer } = lastOf("reboot", V7);
    expect(answer).toBe(
      "shut down on request: reboot: Restarting system; CPU 0 logged to the end (reboot-111, reboot); CPU 1 was idle",
    );
  });

  test("else who asked for it, by the arguments of its system call", () => {
    const { answer } = lastOf("poweroff", V7);
    expect(answer).toBe(
      "poweroff-113 had asked for the power to be turned off; CPU 0 logged to the end (poweroff-113, reboot); CPU 1 was idle",
    );
  });

  test.each([
    ["reboot(magic1: 0xfee1dead, magic2: 0x28121969, cmd: 0x1234567, arg: 0)", "a restart"],
    ["reboot(0xfffffffffee1dead, 0x28121969, 0xffffffffcdef0123, 0)", "a halt"],
    ["reboot(magic1: 0xfee1dead, magic2: 0x28121969, cmd: 0x45584543, arg: 0)", "another kernel (kexec)"],
    ["reboot(magic1: 0xfee1dead, magic2: 0x28121969, cmd: 0x89abcdef, arg: 0)", undefined],
    ["reboot(magic1: 0xfee1dead, magic2: 0x28121969, cmd: 0, arg: 0)", undefined],
    ["write(fd: 1, buf: 0x1000, count: 0x1234567)", undefined],
  ])("%s", (text, asked) => {
    expect(shutdown([], [{ task: "a-1", text }])).toEqual(asked === undefined ? [] : [`a-1 had asked for ${asked}`]);
  });

  test("only the console's lines are the kernel's words", () => {
    expect(shutdown(["tracing_mark_write: reboot: Power down"], [])).toEqual([]);
    expect(shutdown(["console: sysrq: Resetting"], [])).toEqual(["shut down on request: sysrq: Resetting"]);
  });
});

describe("a CPU that nobody gets any more", () => {
  test("interrupts off forever: it fell silent in its system call, and its timer too", () => {
    const report = lastOf("irqsoff", V7);
    expect(report.answer).toMatch(
      /^CPU 1 fell silent 5\.03 s before the end, in killer-118, system call write \(5\.03 s\), without a tick since; /,
    );
    expect(inside(report, 1)).toEqual(["syscall write"]);
  });

  test("interrupts off for long, with events: for how long, and what it said", () => {
    const report = lastOf("irqslong", V6);
    expect(report.answer).toMatch(
      /^CPU 1 fell silent 46\.2 ms before the end, in killer-157, system call write \(5\.30 s\), interrupts off for 5\.18 s; /,
    );
    expect(report.cpus[1]!.context!.irqsOffStretch!.events).toBeGreaterThan(70);
    expect(report.messages.at(-1)!.text).toMatch(/deaths: \d+$/);
  });

  test("a softirq that never returns, while ticks go on and the other CPU's ring has gone round", () => {
    const report = lastOf("softirq", V6);
    expect(report.answer).toMatch(
      /^CPU 1 ran exe-189 for the last 3\.41 s, softirq TIMER \(3\.41 s\), timer endless_timer \(3\.41 s\); CPU 0 /,
    );
    expect(inside(report, 1).slice(0, 2)).toEqual(["softirq vec=1 [action=TIMER]", "timer endless_timer"]);
  });

  test("an interrupt that never returns: its vector, its timer's function, what it interrupted", () => {
    const report = lastOf("hardirq", V7);
    expect(report.answer).toMatch(/^CPU 1 fell silent 5\.42 s before the end, in killer-120, system call execve /);
    expect(report.answer).toContain("hrtimer endless_hrtimer (5.42 s), interrupts off");
    expect(inside(report, 1)).toEqual(["syscall execve", "vector local_timer", "hrtimer endless_hrtimer"]);
  });

  test("preemption off forever: for how long, and who waits", () => {
    const { answer, waiting } = lastOf("preemptoff", V6);
    expect(answer).toMatch(
      /^CPU 1 ran killer-154 for the last 3\.25 s, system call write .*, preemption off for 3\.24 s, /,
    );
    expect(waiting.filter(({ certain }) => certain).map(({ comm, cpu }) => [comm, cpu])).toEqual([["kworker/1:1", 1]]);
  });

  test("a workqueue stall: the work that spins, what is queued behind it, who waits for the CPU", () => {
    const report = lastOf("workqueue", V6);
    expect(report.answer).toMatch(/^CPU 1 ran kworker\/1:1-45 for the last 4\.20 s, work hog_fn \(4\.20 s\), while /);
    expect(report.answer).toMatch(/with work .* not begun/);
    expect(inside(report, 1)).toContain("work hog_fn");
    const late = report.queued.find(({ text }) => text.includes("function=vmstat_shepherd"));
    expect(late).toMatchObject({ certain: true, cpu: 1 });
    expect(seconds(late!.for)).toBeCloseTo(4.18, 2);
    expect(report.waiting.map(({ comm }) => comm)).toContain("killer");
  });

  test("whose workers are to do it: those of CPU 0 as of any other, and any where the pool is no CPU's", () => {
    const find = ({ queued }: Report) => queued.find(({ text }) => text.includes("function=vmstat_shepherd"))!;
    const { offset } = find(lastOf("workqueue", V6)).since;
    /** Behind the record's word, 8 bytes of trace_entry, two pointers, a string's place and req_cpu. */
    const place = offset + 4 + 32;
    for (const [value, cpu] of [
      [0, 0],
      [-1, null],
    ] as const) {
      const report = lastOf("workqueue", V6, (image) => {
        expect(image.getInt32(place, true)).toBe(1);
        image.setInt32(place, value, true);
      });
      expect(find(report).cpu).toBe(cpu);
    }
  });
});

describe("a machine that idles, and does not get on", () => {
  test("work that sleeps forever, and who waits for it", () => {
    const { answer, blocked } = lastOf("worksleep", V7);
    expect(answer).toBe(
      "kworker/u8:1-37 was in D for 3.29 s, in work sleeper_fn; killer-118 was in D for 3.29 s, in write; CPUs 0, 1 were idle",
    );
    expect(blocked.map(({ pid, certain, call, work }) => [pid, certain, call?.name ?? work?.what])).toEqual([
      [37, true, "work"],
      [118, true, "write"],
    ]);
  });

  test("two that hold what the other waits for", () => {
    const { answer, blocked } = lastOf("deadlock", V6);
    expect(answer).toBe("left-first-160 was in D for 3.48 s; right-first-161 was in D for 3.48 s; CPUs 0, 1 were idle");
    expect(blocked.map(({ comm, certain }) => [comm, certain])).toEqual([
      ["left-first", true],
      ["right-first", true],
    ]);
  });
});
