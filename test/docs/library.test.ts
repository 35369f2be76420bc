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

/** The page's examples run as one program, as they stand there: what it writes, and what it tells the console. */
async function printedBy(examples: readonly string[]): Promise<{ printed: string; told: unknown[][] }> {
  const IMPORT = /^import \{ (.*) \} from "rbtool";$/gm;
  const names = examples.flatMap((example) => [...example.matchAll(IMPORT)].flatMap(([, list]) => list!.split(", ")));
  const body = examples
    .join("")
    .replace(IMPORT, "")
    .replace('"dump.bin"', "bytes")
    .replace(/"(build\.tar\.gz|linux-image-.*\.deb)"/g, "collection");
  let printed = "";
  const told: unknown[][] = [];
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
    ...args: string[]
  ) => (...args: unknown[]) => Promise<void>;
  await new AsyncFunction(...names, "bytes", "collection", "process", "console", body)(
    ...names.map((name) => library.get(name)),
    fixture("v7.3-read").bytes(),
    join(KERNEL, "events.tar.gz"),
    { stdout: { write: (piece: Buffer) => (printed += piece.toString("latin1")) } },
    { log: (...args: unknown[]) => told.push(args) },
  );
  return { printed, told };
}

const examples = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, example]) => example!);

test("its first example prints the text and the JSON of the command", async () => {
  const { printed, told } = await printedBy(examples.slice(0, 1));
  const image = join(ROOT, "fixtures/dumps/v7.3-read/image.bin.gz");
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

test("its second example goes on from the first, and says that the formats fit", async () => {
  expect(examples).toHaveLength(2);
  const { told } = await printedBy(examples);
  // Collected files tell no release.
  expect(told.at(-1)).toEqual([undefined, "fits"]);
});
