import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import type { Io } from "../../src/io.js";
import { main } from "../../src/program.js";
import { FIXTURES } from "../support/collection.js";
import { KALLSYMS, LE64, madeImage, payload } from "../support/made-events.js";
import { rbtool } from "../support/run.js";

const FORMAT = `name: thing
ID: 300
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

\tfield:int value;\toffset:8;\tsize:4;\tsigned:1;
\tfield:char name[8];\toffset:12;\tsize:8;\tsigned:0;

print fmt: "value=%d name=%s", REC->value, REC->name
`;

const work = mkdtempSync(join(tmpdir(), "rbtool-cli-"));
afterAll(() => rmSync(work, { recursive: true }));

const image = join(work, "dump.bin");
const system = join(work, "system");
const name = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.padEnd(8, "\0"), "latin1"));
const thing = (value: number, text: string, pid = 7): Uint8Array => payload(LE64, 300, pid, [[4, value], name(text)]);
writeFileSync(
  image,
  madeImage(LE64, [
    (page) =>
      page
        .event(0, thing(1, "one"))
        .event(1_000_000, thing(2, "t\x1b[1m"))
        .event(1_000_000, thing(3, "three", 8)),
    (page) => page.event(500_000, thing(-4, "four")),
  ]),
);
mkdirSync(join(system, "events/test/thing"), { recursive: true });
writeFileSync(join(system, "events/test/thing/format"), FORMAT);
writeFileSync(join(system, "kallsyms"), KALLSYMS);
writeFileSync(join(system, "saved_cmdlines"), "7 seven\n");
writeFileSync(join(system, "release"), "7.3.4\n");

async function run(args: readonly string[], terminal = false) {
  let out = "";
  let err = "";
  const io: Io = {
    write: async (text) => {
      out += typeof text === "string" ? text : Buffer.from(text).toString("latin1");
    },
    flush: async () => {},
    again: async () => ({ status: 0, stdout: "", stderr: "" }),
    threads: async () => [],
    note: (text) => {
      err += text;
    },
    stdinIsTerminal: true,
    stdoutIsTerminal: terminal,
    stderrIsTerminal: false,
    columns: undefined,
    env: {},
  };
  const status = await main(args, io);
  return { out, err, status, lines: out.split("\n").slice(0, -1) };
}

const events = (...args: string[]) => run(["events", "--system", system, "--no-header", image, ...args]);
const names = async (...args: string[]): Promise<string[]> =>
  (await events(...args)).lines.map((line) => /name=(\w*)/.exec(line)?.[1] ?? line);

test("text, with names from saved_cmdlines", async () => {
  const { lines, status, err } = await events();
  expect([status, err]).toEqual([0, ""]);
  expect(lines).toEqual([
    "           seven-7       [000] .....     1.000000: thing: value=1 name=one",
    "           seven-7       [001] .....     1.000500: thing: value=-4 name=four",
    "           seven-7       [000] .....     1.001000: thing: value=2 name=t\x1b[1m",
    "           <...>-8       [000] .....     1.002000: thing: value=3 name=three",
  ]);
});

test("a terminal gets no control characters", async () => {
  const { out } = await run(["events", "--system", system, image], true);
  expect(out).toContain("name=t\\x1b[1m");
  // But for the colours.
  expect(out.replace(/\x1b\[(?:0|3[1-6]|9[2-6])m/g, "")).not.toContain("\x1b");
});

test("choosing", async () => {
  expect(await names("--cpu", "1")).toEqual(["four"]);
  expect(await names("--pid", "8")).toEqual(["three"]);
  expect(await names("--comm", "sev*", "--cpu", "0")).toEqual(["one", "t"]);
  expect(await names("--event", "test:*", "--head", "2")).toEqual(["one", "four"]);
  expect(await names("--event", "nothing")).toEqual([]);
  expect(await names("--tail", "2")).toEqual(["t", "three"]);
  expect(await names("--tail", "0")).toEqual([]);
  expect(await names("--since", "1.0005", "--until", "1.001")).toEqual(["four", "t"]);
  expect(await names("--last", "1ms")).toEqual(["t", "three"]);
  expect(await names("--since", "-1600us")).toEqual(["four", "t", "three"]);
  expect(await names("--filter", "value < 0 || name == 'one'")).toEqual(["one", "four"]);
  expect(await names("--filter", "COMM == seven && CPU != 1")).toEqual(["one", "t"]);
  expect(await names("--lost")).toEqual([]);
});

test("columns", async () => {
  expect((await events("--columns", "cpu,time", "--ns", "--head", "1")).lines).toEqual([
    "[000]      1.000000000: thing: value=1 name=one",
  ]);
  expect((await events("--columns", "delta", "--head", "2")).lines[1]).toBe("     +500.000: thing: value=-4 name=four");
  expect((await events("--latency", "--head", "1")).lines).toEqual([
    "   seven-7         0..... 1000000us!: thing: value=1 name=one",
  ]);
  expect((await events("--raw", "--cpu", "1")).lines[0]).toMatch(/: thing: value=-4 name=four$/);
  expect((await events("--fields", "--cpu", "1")).lines[0]).toMatch(/: thing: value=0xfffffffc \(-4\) name=four$/);
});

test("JSON: lines, and one document", async () => {
  const { lines } = await events("--json-lines", "--cpu", "1");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      cpu: 1,
      time: "1000500000",
      event: "thing",
      system: "test",
      pid: 7,
      comm: "seven",
      fields: { value: -4, name: "four" },
    },
  ]);
  const document = JSON.parse((await events("--json")).out);
  expect(document).toMatchObject({ schema: "rbtool/events/2", release: "7.3.4", cpus: 2 });
  expect(document.events).toHaveLength(4);
});

test("--numbers writes 64-bit numbers as numbers, and belongs to JSON", async () => {
  const { lines } = await events("--json-lines", "--numbers", "--cpu", "1");
  expect(JSON.parse(lines[0]!)).toMatchObject({ cpu: 1, time: 1000500000, fields: { value: -4, name: "four" } });
  expect((await run(["events", "--numbers", image])).status).toBe(2);
});

test("stats, as a table and as JSON", async () => {
  const { out, status } = await run(["stats", "--system", system, image]);
  expect(status).toBe(0);
  expect(out).toMatch(/^4 events from 1\.000000 to 1\.002000, 2\.0 ms, 2000 events per second\n/);
  const report = JSON.parse((await run(["stats", "--json", "--system", system, image])).out);
  expect(report).toMatchObject({
    schema: "rbtool/stats/2",
    total: 4,
    events: [{ event: "thing", type: 300, count: 4 }],
  });
});

test("without formats: the bytes, and a word on stderr", async () => {
  const { lines, err } = await run(["events", "--no-live", "--no-header", image]);
  expect(lines[1]).toMatch(/type 300: fc ff ff ff 66 6f 75 72 00 00 00 00$/);
  expect(err).toMatch(/no event formats/);
});

test("what makes no sense is one line, and exit status 2", async () => {
  for (const args of [
    ["--filter", "value =="],
    ["--head", "x"],
    ["--head", "1", "--tail", "1"],
    ["--since", "yesterday"],
    ["--last", "1s", "--since", "1"],
    ["--columns", "nothing"],
    ["--cpu", "9"],
    ["--pid", "x"],
    ["--graph-options", "sideways"],
    ["--graph", "--latency"],
    ["--kernel", "7.3"],
    ["--next-text", "0x1"],
    ["--as-kernel", "--kernel", "banana"],
    ["--comms", "nowhere"],
  ]) {
    const { status, err, out } = await events(...args);
    expect([args, status, out]).toEqual([args, 2, ""]);
    expect(err.trimEnd().split("\n").length).toBeLessThanOrEqual(2);
  }
  expect((await run(["events", "--system", "/nowhere", image])).status).toBe(2);
});

test("the script", async () => {
  expect((await run(["collect-script"])).out).toMatch(/^#!\/bin\/sh\n/);
});

test("a release that a person states is doubted where the layout contradicts it, and the formats are used all the same", async () => {
  const system = join(FIXTURES, "kernels/7.3.4+deb13-cloud-amd64/events.tar.gz");
  const image = join(FIXTURES, "dumps/v7.3-read/image.bin.gz");
  const events = ["events", "--no-live", "--events", system, "--head", "1", "--no-header"];
  const { status, stderr, stdout } = await rbtool([...events, "--writer-release", "6.12.107", image]);
  expect(status).toBe(0);
  expect(stderr).toMatch(/no kernel 6\.12\.107 writes this buffer layout/);
  expect(stdout.split("\n")).toHaveLength(2);
  const formats = await rbtool(["formats", "--image", image, "--writer-release", "6.12.107", system]);
  expect(formats.status).toBe(0);
  expect(formats.stdout).toMatch(/no kernel 6\.12\.107 writes the image's buffer layout/);
});

test("in a window long lines continue below; a pipe gets them whole, and so does who asks for the kernel's own", async () => {
  const system = join(FIXTURES, "kernels/7.3.4+deb13-cloud-amd64/events.tar.gz");
  const image = join(FIXTURES, "dumps/v7.3-read/image.bin.gz");
  const events = ["events", "--no-live", "--events", system, "--head", "500", image];
  const piped = await rbtool([...events, "--no-header"]);
  const words = (text: string) => text.split(/\s+/);
  for (const columns of [80, 50]) {
    const { stdout } = await rbtool([...events, "--no-header"], { columns, env: { NO_COLOR: "1" } });
    expect(stdout.split("\n").every((line) => line.length <= columns)).toBe(true);
    expect(words(stdout)).toEqual(words(piped.stdout));
  }
  const kernel = [...events, "--as-kernel", "--kernel", "7.3.4"];
  expect((await rbtool(kernel, { columns: 50, env: { NO_COLOR: "1" } })).stdout).toBe((await rbtool(kernel)).stdout);
});

test("a kernel shows no array as a field, with real pointers neither", async () => {
  const system = join(FIXTURES, "kernels/7.3.4+deb13-cloud-amd64/events.tar.gz");
  const image = join(FIXTURES, "dumps/v7.3-read/image.bin.gz");
  const options = ["--as-kernel", "--kernel", "7.3.4", "--trace-options", "fields,nohash-ptr", "--event", "sys_enter"];
  const { stdout } = await rbtool(["events", "--no-live", "--events", system, "--head", "3", ...options, image]);
  expect(stdout).toMatch(/: sys_enter: id=0x\w+ \(\d+\) args=<INVALID-SIZE>\n/);
});

test.each([
  [["--context", "3"], "--context needs --around: it counts the events before and after that place"],
  [["--online", "0"], "--online needs --as-kernel"],
  [
    ["--around", "garbage"],
    "--around: garbage: neither a time nor an offset; write it like 136.425533, -200ms or 0x1c140",
  ],
  [
    ["--around", "0xfffffffffffffffff"],
    "--around: 0xfffffffffffffffff: neither a time nor an offset; write it like 136.425533, -200ms or 0x1c140",
  ],
  [["--as-kernel", "--next-text", "zz"], "--next-text: zz: not an address; write it like 0x17ff46000"],
])("%j: what is wrong is told of the option", async (words, why) => {
  expect(await rbtool(["events", "--no-live", ...words, image])).toMatchObject({
    status: 2,
    stdout: "",
    stderr: `rbtool: ${why}\n`,
  });
});
