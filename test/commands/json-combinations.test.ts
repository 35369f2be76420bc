import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { spec } from "../../src/commands/events.js";
import { flagsOf } from "../../src/spec/spec.js";
import { Dump } from "../support/images.js";
import { rbtool } from "../support/run.js";

const IMAGE = join(new Dump("v7.3-read").path, "image.bin.gz");
const FORMATS = "fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz";
const events = (...words: string[]) => rbtool(["events", "--events", FORMATS, "--last", "2ms", ...words, IMAGE]);

/** Each option of how events are shown, with a value that changes something in the text or in JSON. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  "--head": ["1"],
  "--tail": ["1"],
  "--per-cpu": ["--head", "1"],
  "--around": ["7.1035", "-C", "0"],
  "--context": ["0", "--around", "7.1035"],
  "--columns": ["cpu"],
  "--wall": ["1=2026-01-01T00:00:00Z"],
  "--fields": [],
  "--graph-options": ["tail"],
  "--comms": ["none"],
  "--numbers": [],
};
/** JSON has none of what these leave out or mark. */
const NOTHING_TO_DO = ["--no-header", "--json-lines"];

test("with JSON, each option of `How to show them` works or is refused, none is dropped", async () => {
  const plain = await events("--json");
  const { options } = spec.options.find(({ title }) => title === "How to show them")!;
  for (const option of options) {
    const { long } = flagsOf(option);
    if (NOTHING_TO_DO.includes(long)) continue;
    const { status, stdout } = await events("--json", long, ...(SHOWN[long] ?? []));
    if (status === 2) expect(JSON.parse(stdout)).toHaveProperty("error.code", "usage");
    else expect({ long, same: stdout === plain.stdout }).toEqual({ long, same: false });
  }
});

test("--tail with JSON is the last events, as a document and as lines", async () => {
  const all = (await events("--json-lines")).stdout.trimEnd().split("\n");
  expect((await events("--json-lines", "--tail", "2")).stdout.trimEnd().split("\n")).toEqual(all.slice(-2));
  const document = JSON.parse((await events("--json", "--tail", "2")).stdout) as { events: unknown[] };
  expect(document.events).toEqual(all.slice(-2).map((line) => JSON.parse(line) as unknown));
  expect((await events("--json-lines", "--tail", "100000")).stdout.trimEnd().split("\n")).toEqual(all);
  expect((await events("--json-lines", "--tail", "0")).stdout).toBe("");
});

test("of the trace options, those that shape the line are refused with JSON", async () => {
  const asKernel = ["--json", "--as-kernel", "-k", "7.3.4", "--trace-options"];
  expect((await events(...asKernel, "hex")).status).toBe(2);
  expect((await events(...asKernel, "sym-addr")).status).toBe(0);
});
