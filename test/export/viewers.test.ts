import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import { DOUBTFUL, NO_SPAN } from "../../src/export/shortfalls.js";
import { decodeLatin1 } from "../../src/ground/latin1.js";
import type { Trace } from "../../src/trace/trace.js";
import { Browser, CHROMIUM } from "../support/chromium.js";
import { COLLECTED } from "../support/collection.js";
import { chosenDumps, dumpTrace, exported, tornTrace } from "../support/exporting.js";
import { textDumps } from "../support/kernel-text.js";
import { spansOf } from "../support/span-check.js";
import { story } from "../support/story.js";

const RELEASE = join(import.meta.dirname, "../../node_modules/speedscope/dist/release");
const schema = JSON.parse(readFileSync(join(RELEASE, "file-format-schema.json"), "utf8")) as object;
const fits = new Ajv({ allErrors: true, strict: false }).compile(schema);

const folder = mkdtempSync(join(tmpdir(), "rbtool-viewers-"));
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }));

interface Evented {
  readonly type: "evented";
  readonly name: string;
  readonly startValue: number;
  readonly endValue: number;
  readonly events: readonly { readonly type: "O" | "C"; readonly frame: number; readonly at: number }[];
}
interface Sampled {
  readonly type: "sampled";
  readonly name: string;
  readonly samples: readonly (readonly number[])[];
  readonly weights: readonly number[];
}
interface Speedscope {
  readonly profiles: readonly (Evented | Sampled)[];
  readonly shared: { readonly frames: readonly { readonly name: string }[] };
}

const CHOSEN =
  /^(v7\.3-(read|graph|stack|empty|clock)|v6\.12-rewind|armhf.*|arm64.*few|s390x-7.2.*|ppc64le.*|g7\.3-8cpu|forged-s390x.*)$/;
const dumps = chosenDumps(CHOSEN);

/** name, from and until of all spans, in an order of their own. */
const sorted = (rows: readonly (readonly [string, number, number])[]): string[] =>
  rows.map((row) => row.join(" ")).sort();

async function checkSpeedscope(trace: Trace): Promise<void> {
  const { bytes, events, shortfalls } = await exported("speedscope", trace);
  const file = JSON.parse(bytes.toString("utf8")) as Speedscope;
  expect([fits(file), fits.errors ?? []]).toEqual([true, []]);
  const left = shortfalls.find(({ what }) => what === NO_SPAN)?.count ?? 0;
  expect(events + left).toBe(trace.entries());
  const { frames } = file.shared;
  const spans: (readonly [string, number, number])[] = [];
  for (const profile of file.profiles) {
    if (profile.type === "sampled") {
      expect([profile.samples.length, profile.weights.length]).toEqual([
        profile.weights.length,
        profile.samples.length,
      ]);
      continue;
    }
    const open: { frame: number; at: number }[] = [];
    let time = profile.startValue;
    for (const { type, frame, at } of profile.events) {
      if (at < time) throw new Error(`${profile.name}: time falls to ${at}`);
      time = at;
      if (type === "O") open.push({ frame, at });
      else {
        const begun = open.pop();
        if (begun?.frame !== frame) throw new Error(`${profile.name}: ${frame} ends ${begun?.frame}`);
        spans.push([frames[frame]!.name, begun.at, at]);
      }
    }
    expect([open, time]).toEqual([[], profile.endValue]);
  }
  const told = spansOf(trace).spans;
  expect(sorted(spans)).toEqual(sorted(told.map(({ name, from, until }) => [decodeLatin1(name), from, until])));
}

test.each(dumps)("$name: speedscope's schema holds, and its profiles have every span", async (dump) =>
  checkSpeedscope(dumpTrace(dump)),
);

test("torn memory: profiles nest, and what cannot be marked is told", async () => {
  const trace = tornTrace();
  await checkSpeedscope(trace);
  const { shortfalls } = await exported("speedscope", trace);
  // Without the collection no format says which event a doubtful record is.
  const doubtful = COLLECTED ? DOUBTFUL : NO_SPAN;
  expect(shortfalls.map(({ what }) => what)).toContain(doubtful);
});

test("collapsed: functions have the time that speedscope shows as their own", async () => {
  for (const dump of textDumps.filter(({ name }) => /^v(7\.3|6\.18)-graph$/.test(name))) {
    const trace = dumpTrace(dump);
    const { bytes } = await exported("collapsed", trace);
    const lines = bytes.toString("utf8").trimEnd().split("\n");
    const total = lines.reduce((sum, line) => sum + Number(/ (\d+)$/.exec(line)![1]), 0);
    const roots = spansOf(trace).spans.filter(({ track, depth }) => track.kind === "functions" && depth === 0);
    expect(lines.length).toBeGreaterThan(100);
    expect(total).toBe(roots.reduce((sum, { from, until }) => sum + until - from, 0));
  }
});

test("collapsed: stacks are counted, and tasks on CPUs where nothing else is there", async () => {
  const stack = dumpTrace(textDumps.find(({ name }) => name === "v7.3-stack") ?? textDumps[0]!);
  const names = Array.from(stack.events(), ({ type }) => stack.text.name(type));
  const stacks = names.filter((name) => name === "kernel_stack" || name === "user_stack").length;
  const counted = async (trace: Trace) => {
    const { bytes, events } = await exported("collapsed", trace);
    const lines = bytes.toString("utf8").split("\n").filter(Boolean);
    return { events, total: lines.reduce((sum, line) => sum + Number(/ (\d+)$/.exec(line)![1]), 0) };
  };
  if (stacks > 0) expect(await counted(stack)).toEqual({ events: stacks, total: stacks });
  const read = dumpTrace(textDumps.find(({ name }) => name === "v7.3-read")!);
  const ran = spansOf(read).spans.filter(({ track }) => track.kind === "cpu");
  expect((await counted(read)).total).toBe(ran.reduce((sum, { from, until }) => sum + until - from, 0));
});

test("collapsed: a name with what parts frames and lines in it takes one frame of one line", async () => {
  const trace = story([
    [0, 0, 7, "sched_switch", { prev_pid: 7, next_pid: 8 }],
    [0, 5, 8, "sched_switch", { prev_pid: 8, next_pid: 7 }],
    [0, 9, 7, "nothing"],
  ]);
  const names = { at: () => "a\nb;c", last: () => [] };
  const { bytes } = await exported("collapsed", Object.create(trace, { names: { value: names } }) as Trace);
  expect(bytes.toString("utf8")).toBe("CPU 0;a_b_c-8 5000\nCPU 0;a_b_c-7 4000\n");
});

if (CHROMIUM === undefined)
  process.stderr.write("\n*** SKIPPED: no chromium: speedscope's app opens no file (.ci/programs) ***\n\n");
const inBrowser = CHROMIUM === undefined ? test.skip : test;

inBrowser(
  "speedscope's app opens the file: its title is the first profile's name, and all profiles are there",
  async () => {
    const trace = dumpTrace(textDumps.find(({ name }) => name === "v7.3-read")!);
    const { bytes } = await exported("speedscope", trace);
    const { profiles } = JSON.parse(bytes.toString("utf8")) as Speedscope;
    const loader = join(folder, "profile.js");
    writeFileSync(loader, `speedscope.loadFileFromBase64("trace.json", "${bytes.toString("base64")}")`);
    const flags = ["--allow-file-access-from-files", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];
    const browser = await Browser.open(1200, 800, flags);
    try {
      const page = pathToFileURL(join(RELEASE, "index.html")).href;
      await browser.ask("Page.navigate", { url: `${page}#localProfilePath=${loader}` });
      await browser.until(`document.title.includes(${JSON.stringify(profiles[0]!.name)})`);
      expect(await browser.value<string>("document.body.innerText")).toContain(`1/${profiles.length}`);
      const complaints = browser.said(/^Runtime\.exceptionThrown$/);
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  },
);

interface Firefox {
  readonly threads: readonly {
    readonly name: string;
    readonly stringArray: readonly string[];
    readonly markers: {
      readonly name: readonly number[];
      readonly startTime: readonly number[];
      readonly endTime: readonly (number | null)[];
      readonly phase: readonly number[];
      readonly category: readonly number[];
      readonly data: readonly { readonly name: string }[];
      readonly length: number;
    };
  }[];
}

async function checkFirefox(trace: Trace): Promise<Firefox> {
  const { bytes, events } = await exported("firefox", trace);
  const profile = JSON.parse(bytes.toString("utf8")) as Firefox;
  const { spans, instants, losses } = spansOf(trace);
  expect(events).toBe(trace.entries());
  const markers = profile.threads.flatMap(({ markers, stringArray }) => {
    const columns = [markers.name, markers.startTime, markers.endTime, markers.phase, markers.category, markers.data];
    expect(columns.map(({ length }) => length)).toEqual(columns.map(() => markers.length));
    return markers.name.map((name, i) => ({
      name: stringArray[name]!,
      from: markers.startTime[i]!,
      until: markers.endTime[i]!,
      phase: markers.phase[i],
    }));
  });
  expect(markers.filter(({ phase }) => phase === 0).length).toBe(instants + losses);
  const start = Number((trace.coverage.span?.first ?? 0n) - trace.origin.value);
  const ms = (t: number): number => Number(((t - start) / 1e6).toFixed(6));
  const intervals = markers.filter(({ phase }) => phase === 1);
  expect(sorted(intervals.map(({ name, from, until }) => [name, from, until!]))).toEqual(
    sorted(spans.map(({ name, from, until }) => [decodeLatin1(name), ms(from), ms(until)])),
  );
  return profile;
}

test.each(dumps)("$name: a firefox profile has every span and every instant", async (dump) => {
  await checkFirefox(dumpTrace(dump));
});

test("torn memory: markers of a firefox profile tell bounds and doubts", async () => {
  const told = (await checkFirefox(tornTrace())).threads.flatMap(({ markers }) => markers.data.map(({ name }) => name));
  expect(told.some((text) => /; time between \d+ and \d+/.test(text))).toBe(true);
  expect(told.some((text) => text.includes("; in doubt: "))).toBe(true);
});

/** Where .ci/profiler-cli has put the Firefox Profiler's own reader, with the node that it wants. */
const PROFILER = process.env.RBTOOL_PROFILER_CLI ?? "";
const NODE = join(PROFILER, "node_modules/node/bin/node");
if (!existsSync(NODE))
  process.stderr.write(
    "\n*** SKIPPED: no RBTOOL_PROFILER_CLI: firefox profiles are read by the tests' own reader alone (.ci/profiler-cli) ***\n\n",
  );

(existsSync(NODE) ? test : test.skip)("Firefox's profiler-cli reads the markers", async () => {
  const trace = dumpTrace(textDumps.find(({ name }) => name === "v7.3-read")!);
  const { bytes } = await exported("firefox", trace);
  const path = join(folder, "firefox.json");
  writeFileSync(path, bytes);
  const cli = join(PROFILER, "node_modules/.bin/profiler-cli");
  const run = (...args: readonly string[]): string =>
    execFileSync(NODE, [cli, ...args], { encoding: "utf8", stdio: "pipe" });
  // Its server may be slow to start, and is there all the same.
  spawnSync(NODE, [cli, "load", path]);
  try {
    let info = "";
    for (let tries = 0; tries < 20 && info === ""; tries++) {
      const asked = spawnSync(NODE, [cli, "profile", "info"], { encoding: "utf8" });
      if (asked.status === 0) info = asked.stdout;
    }
    const profile = JSON.parse(bytes.toString("utf8")) as Firefox;
    expect(info).toContain(`${profile.threads.length} threads across 1 processes`);
    expect(run("thread", "markers")).toContain(`${profile.threads[0]!.markers.length} markers`);
  } finally {
    run("stop");
  }
});
