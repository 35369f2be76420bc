import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import * as rbtool from "../../src/index.js";
// jest cannot link what several import() at once have in common, as loading an archive does.
import "../../src/input/archive/archive.js";
import "../../src/input/unpack/unpack.js";
import { fixture } from "../support/images.js";
import { rbtool as run } from "../support/run.js";

const ROOT = join(import.meta.dirname, "../..");
const KERNEL = join(ROOT, "fixtures/kernels/7.3.4+deb13-cloud-amd64");
const library = new Map<string, unknown>(Object.entries(rbtool));
const text = readFileSync(join(ROOT, "docs/library.md"), "utf8");

test("the functions that docs/library.md names are there", () => {
  const names = [...text.matchAll(/`([a-z]\w+)\(/g)].map(([, name]) => name!).filter((name) => name !== "events");
  expect(names.length).toBeGreaterThan(12);
  expect(names.filter((name) => !library.has(name))).toEqual([]);
});

test("its example prints the text and the JSON of the command", async () => {
  const example = /```ts\n([\s\S]*?)```/.exec(text)![1]!;
  const names = /^import \{ (.*) \} from "rbtool";$/m.exec(example)![1]!.split(", ");
  const image = join(ROOT, "fixtures/dumps/v7.3-read/image.bin.gz");
  const body = example
    .replace(/^import.*$/m, "")
    .replace('"dump.bin"', "bytes")
    .replace('"build.tar.gz"', "system");
  let printed = "";
  const told: unknown[][] = [];
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
    ...args: string[]
  ) => (...args: unknown[]) => Promise<void>;
  await new AsyncFunction(...names, "bytes", "system", "process", "console", body)(
    ...names.map((name) => library.get(name)),
    fixture("v7.3-read").bytes(),
    join(KERNEL, "events.tar.gz"),
    { stdout: { write: (piece: Buffer) => (printed += piece.toString("latin1")) } },
    { log: (...args: unknown[]) => told.push(args) },
  );
  const chosen = ["events", "--events", join(KERNEL, "events.tar.gz"), "--cpu", "1", "--last", "200ms", image];
  expect(printed).toBe((await run([...chosen, "--columns", "time,cpu,place", "--head", "3"])).stdout);
  expect(printed.split("\n").length).toBe(4);
  const lines = (await run([...chosen, "--json-lines"])).stdout.trimEnd().split("\n");
  expect(told.length).toBeGreaterThan(10);
  expect(told).toEqual(
    lines.map((line) => {
      const event = JSON.parse(line) as Record<string, unknown>;
      return [event.time, event.cpu, event.event, event.fields];
    }),
  );
});
