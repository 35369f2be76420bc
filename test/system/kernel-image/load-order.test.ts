import { expect, test } from "@jest/globals";
import { Bytes } from "../../../src/ground/bytes.js";
import type { KernelEvent } from "../../../src/system/kernel-image/event.js";
import {
  bestOrder,
  candidateOrders,
  everyOrder,
  mayBeSorted,
  numberEvents,
  type OrderEvidence,
  stepsOf,
  unsettled,
} from "../../../src/system/kernel-image/load-order.js";
import { parseModuleOrder } from "../../../src/system/kernel-image/loaded-modules.js";
import type { KernelModule } from "../../../src/system/kernel-image/module.js";

const NO_EVIDENCE: OrderEvidence = { sizes: new Map(), records: [], told: [] };
const event = (name: string, size: number): KernelEvent => ({
  system: "test",
  name,
  fixedId: 0,
  fields: [{ type: "u64", name: "a", offset: 8, size, signed: false, len: 0 }],
  printFmt: "",
});
const module = (name: string, depends: string[], ...events: KernelEvent[]): [string, KernelModule] => [
  name,
  { name, depends, events, text: [], textSize: 0, data: () => [], btf: undefined },
];

const orderOf = ({ steps }: { readonly steps: readonly { readonly name: string }[] }) =>
  steps.map(({ name }) => name).join("");
const numbers = ({ events }: { readonly events: readonly { id: number; event: KernelEvent }[] }) =>
  events.map(({ id, event: { name } }) => `${name} ${id}`);

test("n entries stand for n orders: the first k in reverse, the others as they came", () => {
  expect(candidateOrders(["a", "b", "c"]).map(orderOf)).toEqual(["abc", "bac", "cba"]);
});

test("a module comes behind what it needs", () => {
  const modules = new Map([module("a", ["b"]), module("b", ["c"]), module("c", [])]);
  const { best } = bestOrder(candidateOrders(["a", "b", "c"]), modules, 100, NO_EVIDENCE);
  expect(orderOf(best.order)).toBe("cba");
});

const TWO = new Map([module("a", [], event("x", 8)), module("b", [], event("y", 24))]);
const ORDERS = candidateOrders(["a", "b"]);

test("where dependencies leave several, sizes of records decide; where they do not, all are told", () => {
  const sized = (size: number) => ({ ...NO_EVIDENCE, sizes: new Map([[100, new Map([[size, 3]])]]) });
  expect(orderOf(bestOrder(ORDERS, TWO, 100, sized(16)).best.order)).toBe("ab");
  expect(orderOf(bestOrder(ORDERS, TWO, 100, sized(32)).best.order)).toBe("ba");
  expect(bestOrder(ORDERS, TWO, 100, sized(64)).best.misfits).toBe(3);
  expect(bestOrder(ORDERS, TWO, 100, NO_EVIDENCE).equals).toHaveLength(2);
});

test("module_load events decide", () => {
  const told = [...stepsOf(["b", "unknown", "a"])];
  expect(orderOf(bestOrder(ORDERS, TWO, 100, { ...NO_EVIDENCE, told }).best.order)).toBe("ba");
});

test("where a record's text lies decides between events of one size", () => {
  const located = (name: string, offset: number): KernelEvent => ({
    ...event(name, 8),
    fields: [{ type: "__data_loc char[]", name: "text", offset, size: 4, signed: false, len: 0 }],
  });
  const modules = new Map([module("a", [], located("x", 8)), module("b", [], located("y", 12))]);
  const data = new Bytes(new Uint8Array([100, 0, 0, 0, 1, 0, 0, 0, 12, 0, 4, 0, 65, 66, 67, 0]), {
    littleEndian: true,
    longSize: 8,
  });
  const evidence = { ...NO_EVIDENCE, sizes: new Map([[100, new Map([[16, 1]])]]), records: [{ id: 100, data }] };
  expect(orderOf(bestOrder(ORDERS, modules, 100, evidence).best.order)).toBe("ab");
});

test("an event takes the lowest free number: what was unloaded gives its own back", () => {
  const steps = [
    ...stepsOf(["b", "a"]),
    { name: "b", unload: true },
    { name: "c", unload: false },
    { name: "b", unload: false },
  ];
  const modules = new Map([...TWO, module("c", [], event("z", 8), event("zz", 8))]);
  const numbering = numberEvents(steps, modules, 100);
  expect(numbers(numbering)).toEqual(["z 100", "x 101", "zz 102", "y 103"]);
  expect([...numbering.reused]).toEqual([100]);
  // The scratch area names a module again that was loaded again.
  expect(numbers(numberEvents(stepsOf(["a", "b", "a"]), modules, 100))).toEqual(["x 100", "y 101"]);
});

test("a list of modules: /proc/modules and lsmod are newest first, plain names are not", () => {
  const proc = "new_one 4096 0 - Live 0xffffffffc0000000\nold-one 4096 1 new_one, Live 0x0000000000000000\n";
  expect(parseModuleOrder(proc).names).toEqual(["old_one", "new_one"]);
  expect(parseModuleOrder(proc).addresses).toEqual(new Map([["new_one", 0xffffffffc0000000n]]));
  expect(parseModuleOrder("Module     Size  Used by\nb     1  0\na    2  1 b\n").names).toEqual(["a", "b"]);
  expect(parseModuleOrder("# a comment\na\nb\n").names).toEqual(["a", "b"]);
});

test("where the entries of a scratch area were sorted, only what no other order could make of a number is settled", () => {
  const three = new Map([
    module("a", [], event("x", 8)),
    module("b", [], event("y", 24)),
    module("c", [], event("z", 8)),
  ]);
  const { events } = numberEvents(stepsOf(["a", "b", "c"]), three, 100);
  const sized = (...sizes: [number, number][]) => ({
    ...NO_EVIDENCE,
    sizes: new Map(sizes.map(([id, size]) => [id, new Map([[size, 1]])])),
  });
  // Of two events of one size, any may be it; there is but one of the other.
  expect(unsettled(events, three, 100, sized([100, 16], [101, 32]))).toEqual(new Set([100]));
  expect(unsettled(events, three, 100, NO_EVIDENCE)).toEqual(new Set());
});

test("a list is sorted or stands so by chance: of three modules that are loaded in any order, one time in six", () => {
  const all = everyOrder(["1", "2", "3"], new Map(["1", "2", "3"].map((name) => module(name, []))))!.map(orderOf);
  expect(all).toHaveLength(6);
  expect(all.filter((order) => mayBeSorted([...order].map(BigInt)))).toEqual(["123"]);
  // Of two, both orders are candidates without that.
  expect(mayBeSorted([1n, 2n])).toBe(false);
  expect(candidateOrders(["1", "2"]).map(orderOf)).toEqual(["12", "21"]);
  expect(mayBeSorted([1n, 2n, 2n])).toBe(false);
});

test("of a sorted list, every order is looked at that what modules need of each other allows", () => {
  const needing = new Map([module("a", ["c"]), module("b", []), module("c", ["not_listed"])]);
  expect(everyOrder(["a", "b", "c"], needing)!.map(orderOf)).toEqual(["bca", "cab", "cba"]);
  expect(everyOrder(["a", "b", "d"], needing)).toBeUndefined();
  expect(everyOrder(["a", "b", "a"], needing)).toBeUndefined();
});

test("too many orders are not looked at, nor modules that need each other in a circle", () => {
  const names = [..."abcdefghijklmnopqrst"];
  const free = new Map(names.map((name) => module(name, [])));
  expect(everyOrder(names.slice(0, 5), free)).toHaveLength(120);
  expect(everyOrder(names.slice(0, 6), free)).toBeUndefined();
  const chain = new Map(names.map((name, i) => module(name, i === 0 ? [] : [names[i - 1]!])));
  expect(everyOrder(names.toReversed(), chain)!.map(orderOf)).toEqual([names.join("")]);
  const circle = new Map([...free, module("a", ["b"]), module("b", ["a"])]);
  expect(everyOrder(names, circle)).toBeUndefined();
  expect(everyOrder(["a", "b"], circle)).toBeUndefined();
});
