import { expect, test } from "@jest/globals";
import fc from "fast-check";

import { parseFormat } from "../../../src/system/formats/parse-format.js";
import { peekId, peekName } from "../../../src/system/formats/peek-format.js";
import { FormatTable } from "../../../src/system/formats/table.js";
import { LE64 } from "../../support/formats.js";

const REST = 'format:\n\nprint fmt: "%d", REC->a\n';
const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");

test.each([
  ["as the kernel writes it", `name: sched_switch\nID: 316\n${REST}`, 316, "sched_switch"],
  ["with carriage returns", `name: sched_switch\r\nID: 316\r\n${REST}`, 316, "sched_switch"],
  ["with the last id", `name: a\nID: 65535\n${REST}`, 65535, "a"],
  ["with bytes beyond ASCII", `name: \xc3\xa4\nID: 1\n${REST}`, 1, "\xc3\xa4"],
])("the id and the name of a file %s", (_, text, id, name) => {
  expect(peekId(bytesOf(text))).toBe(id);
  expect(peekName(bytesOf(text))).toBe(name);
});

test.each([
  ["nothing", ""],
  ["another first line", "nam: a\nID: 1\n"],
  ["no name", "name: \nID: 1\n"],
  ["a name of two words", "name: a b\nID: 1\n"],
  ["a blank behind the name", "name: a \nID: 1\n"],
  ["a line between", "name: a\n\nID: 1\n"],
  ["no digits", "name: a\nID: \n"],
  ["an id that no u16 holds", "name: a\nID: 65536\n"],
  ["too many digits", "name: a\nID: 000001\n"],
  ["something behind the id", "name: a\nID: 1 \n"],
  ["no end", "name: a\nID: 1"],
])("none of a file with %s", (_, text) => {
  expect(peekId(bytesOf(text))).toBeUndefined();
});

test("what it tells is what the whole file tells", () => {
  const piece = fc.constantFrom(
    "name: ",
    "ID: ",
    "a",
    "sched",
    "7",
    "65535",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "\xa0",
    "\0",
  );
  const head = fc.array(piece, { maxLength: 9 }).map((pieces) => `name: ${pieces.join("")}`);
  const usual = fc.tuple(piece, piece).map(([name, id]) => `name: ${name}\nID: ${id}\n`);
  fc.assert(
    fc.property(fc.oneof(head, usual), (text) => {
      const file = bytesOf(text + REST);
      const id = peekId(file);
      if (id === undefined) return;
      const { name, id: told } = parseFormat(text + REST, LE64);
      expect([id, peekName(file)]).toEqual([told, name]);
    }),
  );
});

test("a file that is bad further on has its event's name and no fields, and is told of when they are asked for", () => {
  const table = new FormatTable(LE64);
  table.add({ bytes: bytesOf("name: odd\nID: 9\nformat:\n\tfield:char;\n"), system: "lab", path: "lab/odd/format" });
  expect(table.problems).toEqual([]);
  const { name, system, fields, printFmt } = table.get(9)!;
  expect({ name, system, fields, printFmt }).toEqual({ name: "odd", system: "lab", fields: [], printFmt: "" });
  expect(table.problems.map(({ event }) => event)).toEqual(["lab/odd/format"]);
});
