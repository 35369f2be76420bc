import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "@jest/globals";

const SRC = join(import.meta.dirname, "../../src");

interface Import {
  readonly from: string;
  readonly to: string;
  /** import() and `import type` load nothing at once. */
  readonly lazy: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
const imports: Import[] = files.flatMap((from) => {
  const text = readFileSync(join(SRC, from), "utf8");
  const target = (path: string) => relative(SRC, join(SRC, dirname(from), path)).replace(/\.js$/, ".ts");
  return [
    ...[...text.matchAll(/^(?:import|export) (type )?[^;]*?from "(\.[^"]+)"/gms)].map(([, type, path]) => ({
      from,
      to: target(path!),
      lazy: type !== undefined,
    })),
    ...[...text.matchAll(/\bimport\("(\.[^"]+)"\)/g)].map(([, path]) => ({ from, to: target(path!), lazy: true })),
  ];
});

/** The rooms of docs/architecture.md, from the top. A file may import from its own room and from those below. */
const FLOORS = [
  ["cli.ts"],
  ["program.ts"],
  ["commands"],
  ["render"],
  ["index.ts"],
  ["report"],
  ["trace"],
  ["user"],
  ["kernel"],
  ["open-image.ts"],
  ["image"],
  ["input"],
  ["io.ts", "bytes.ts", "abi.ts", "diagnostics.ts", "errors.ts", "exit-status.ts", "hex.ts", "limits.ts", "version.ts"],
];

function floorOf(file: string): number {
  return FLOORS.findIndex((rooms) => rooms.some((room) => file === room || file.startsWith(`${room}/`)));
}

test("every file is in a room, and imports only go down", () => {
  expect(files.filter((file) => floorOf(file) < 0)).toEqual([]);
  expect(
    imports.filter(({ from, to }) => floorOf(to) < floorOf(from)).map(({ from, to }) => `${from} -> ${to}`),
  ).toEqual([]);
});

test("inspect starts without what it does not need", () => {
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const { from, to, lazy } of imports) if (from === file && !lazy) load(to);
  };
  load("cli.ts");
  load("commands/inspect.ts");
  const rooms = new Set([...loaded].map((file) => file.split("/")[0]));
  for (const room of ["kernel", "user", "trace", "index.ts"]) expect([...rooms]).not.toContain(room);
});

test("only trace/context/load.ts touches the file system between image and trace", () => {
  const touching = files.filter(
    (file) =>
      /^(image|kernel|user|trace|report)\//.test(file) && /from "node:fs/.test(readFileSync(join(SRC, file), "utf8")),
  );
  expect(touching).toEqual(["trace/context/load.ts"]);
});
