import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "@jest/globals";
import ts from "typescript";

const SRC = join(import.meta.dirname, "../../src");

/** Functions with more parameters than a reader keeps apart, as `FILE:LINE name`. */
function manyParameters(file: string, text: string): string[] {
  const found: string[] = [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && node.parameters.length > 4) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1} ${node.name?.getText() ?? ""}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

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

/** The rooms of docs/architecture.md, from the top. A file may import from its own floor and from those below. */
const FLOORS = [
  ["start"],
  ["cli.ts", "helper.ts"],
  ["program.ts"],
  ["commands"],
  ["spec"],
  ["render"],
  ["explain"],
  ["index.ts"],
  ["report"],
  ["export"],
  ["trace"],
  ["text"],
  ["derive"],
  ["events"],
  ["print"],
  ["system"],
  ["compare"],
  ["user"],
  ["reading"],
  ["kernel"],
  ["machine"],
  ["locate"],
  ["image"],
  ["ring"],
  ["input"],
  ["elf"],
  ["io.ts", "again.ts", "threads.ts", "compilers.ts", "version.ts", "ground"],
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

test("docs/architecture.md names every room, in the order of the floors, and every file it names is there", () => {
  const text = readFileSync(join(SRC, "../docs/architecture.md"), "utf8");
  const named = [...text.matchAll(/^src\/(\S+?)\/?\s/gm)].map(([, room]) => room!);
  const rooms = new Set(files.map((file) => file.split("/")[0]!));
  expect([...named].sort()).toEqual([...rooms].sort());
  const floors = named.map(floorOf);
  expect(floors).toEqual([...floors].sort((a, b) => a - b));
  // `image/cut.ts`, or `order.ts` where a room is being told of: a file of that name is in some room.
  const paths = [...text.matchAll(/`((?:[a-z-]+\/)*[a-z-]+\.ts)`/g)].map(([, path]) => path!);
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => !files.some((file) => file === path || file.endsWith(`/${path}`)))).toEqual([]);
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
  for (const room of ["kernel", "user", "events", "print", "index.ts"]) expect([...rooms]).not.toContain(room);
});

/** Which rooms may touch the file system: the rest is pure. */
test("only input, system/load.ts, the commands, the start and the end touch the file system", () => {
  const touching = files.filter((file) => /from "node:fs/.test(readFileSync(join(SRC, file), "utf8")));
  expect(touching.filter((file) => !/^(input|commands|start)\//.test(file)).sort()).toEqual([
    "compilers.ts",
    "system/load.ts",
  ]);
});

test("no file imports itself through others", () => {
  const circles: string[] = [];
  const reach = (from: string, path: readonly string[], seen: Set<string>): void => {
    for (const { from: file, to } of imports) {
      if (file !== from) continue;
      if (to === path[0]) circles.push([...path, to].join(" -> "));
      else if (!seen.has(to)) {
        seen.add(to);
        reach(to, [...path, to], seen);
      }
    }
  };
  for (const file of files) reach(file, [file], new Set());
  expect(circles).toEqual([]);
});

test("system and print see neither image nor kernel", () => {
  const seen = imports.filter(
    ({ from, to }) => /^(system|print)\//.test(from) && /^(image|machine|kernel|reading|user|compare)\//.test(to),
  );
  expect(seen).toEqual([]);
});

test("no room holds more than a quarter of the code", () => {
  const lines = new Map<string, number>();
  for (const file of files) {
    const room = file.split("/")[0]!;
    lines.set(room, (lines.get(room) ?? 0) + readFileSync(join(SRC, file), "utf8").split("\n").length);
  }
  const all = [...lines.values()].reduce((sum, n) => sum + n, 0);
  expect([...lines].filter(([, n]) => n > all / 4)).toEqual([]);
});

test("no function, method or function type has five parameters", () => {
  expect(
    manyParameters("two.ts", "type A = (a, b, c, d, e) => 1;\nclass B { c(a, b, c, d, e) {} d(a, b, c, d) {} }"),
  ).toEqual(["two.ts:1 ", "two.ts:2 c"]);
  expect(files.flatMap((file) => manyParameters(file, readFileSync(join(SRC, file), "utf8")))).toEqual([]);
});
