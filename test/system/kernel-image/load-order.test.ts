import { expect, test } from "@jest/globals";
import type { KernelEvent } from "../../../src/system/kernel-image/event.js";
import { bestOrder, candidateOrders, numberEvents } from "../../../src/system/kernel-image/load-order.js";
import { parseModuleOrder } from "../../../src/system/kernel-image/loaded-modules.js";
import type { KernelModule } from "../../../src/system/kernel-image/module.js";

const event = (name: string, size: number): KernelEvent => ({
  system: "test",
  name,
  fixedId: 0,
  fields: [{ type: "u64", name: "a", offset: 8, size, signed: false, len: 0 }],
  printFmt: "",
});
const module = (name: string, depends: string[], ...events: KernelEvent[]): [string, KernelModule] => [
  name,
  { name, release: undefined, depends, events, text: [], btf: undefined },
];

test("n entries stand for n orders: the first k in reverse, the others as they came", () => {
  expect(candidateOrders(["a", "b", "c"]).map(({ names }) => names.join(""))).toEqual(["abc", "bac", "cba"]);
});

test("a module comes behind what it needs", () => {
  const modules = new Map([module("a", ["b"]), module("b", ["c"]), module("c", [])]);
  expect(bestOrder(["a", "b", "c"], modules, 100, new Map()).order.names).toEqual(["c", "b", "a"]);
});

test("where dependencies leave several, sizes of records decide; where they do not, it is told", () => {
  const modules = new Map([module("a", [], event("x", 8)), module("b", [], event("y", 24))]);
  const sizes = new Map([[100, new Map([[16, 3]])]]);
  expect(bestOrder(["a", "b"], modules, 100, sizes)).toMatchObject({ order: { names: ["a", "b"] }, misfits: 0 });
  const other = new Map([[100, new Map([[32, 3]])]]);
  expect(bestOrder(["a", "b"], modules, 100, other)).toMatchObject({ order: { names: ["b", "a"] }, misfits: 0 });
  expect(bestOrder(["a", "b"], modules, 100, new Map()).equals).toHaveLength(2);
  const numbered = numberEvents(["b", "a"], modules, 100).map(({ id, event: { name } }) => `${name} ${id}`);
  expect(numbered).toEqual(["y 100", "x 101"]);
});

test("a list of modules: /proc/modules and lsmod are newest first, plain names are not", () => {
  const proc = "new_one 4096 0 - Live 0x0\nold-one 4096 1 new_one, Live 0x0\n";
  expect(parseModuleOrder(proc)).toEqual(["old_one", "new_one"]);
  expect(parseModuleOrder("Module     Size  Used by\nb     1  0\na    2  1 b\n")).toEqual(["a", "b"]);
  expect(parseModuleOrder("# a comment\na\nb\n")).toEqual(["a", "b"]);
});
