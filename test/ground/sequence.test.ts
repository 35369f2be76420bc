import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { jsonPieces } from "../../src/ground/json-pieces.js";
import { safeJson } from "../../src/ground/safe-text.js";
import { Sequence } from "../../src/ground/sequence.js";

const squares = (length: number) => new Sequence(length, (i) => ({ i, square: i * i }));

test("a sequence makes its members as they are read", () => {
  const made: number[] = [];
  const counted = new Sequence(4, (i) => made.push(i));
  expect([counted.length, made]).toEqual([4, []]);
  expect([...counted.map((n) => -n).between(1, 3)]).toEqual([-1, -2]);
  expect(made).toEqual([1, 2]);
  expect([...squares(3).between(2, 9)]).toEqual([{ i: 2, square: 4 }]);
  expect([...squares(3).between(5, 2)]).toEqual([]);
});

test("what is chosen of a sequence, and several as one, are made as they are read too", () => {
  const odd = squares(7).filter(({ i }) => i % 2 === 1);
  expect([odd.length, ...odd.map(({ i }) => i)]).toEqual([3, 1, 3, 5]);
  const joined = Sequence.joined([squares(0), squares(2), Sequence.NONE, odd]).map(({ i }) => i);
  expect([joined.length, ...joined]).toEqual([5, 0, 1, 1, 3, 5]);
  expect([4, 0, 2, 1].map((i) => joined.at(i))).toEqual([5, 0, 1, 1]);
});

test("JSON in pieces is JSON, whatever has a sequence in it", () => {
  const documents = [
    [],
    { a: undefined, b: [squares(0), null, undefined] },
    { "\u202e": "\u001b[31m", pages: squares(3), after: { list: [squares(1)] } },
    squares(2).map(() => Sequence.NONE),
  ];
  for (const document of documents) expect([...jsonPieces(document)].join("")).toBe(safeJson(document));
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(20), (value, length) => {
      const document = { value, pages: [value, squares(length)] };
      expect([...jsonPieces(document)].join("")).toBe(safeJson(document));
    }),
  );
});

test("a long sequence comes in many pieces", () => {
  const pieces = [...jsonPieces({ pages: squares(20_000) })];
  expect(pieces.length).toBeGreaterThan(5);
  expect(JSON.parse(pieces.join("")).pages).toHaveLength(20_000);
});
