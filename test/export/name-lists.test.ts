import { expect, test } from "@jest/globals";
import { Scraps } from "../../src/export/scraps.js";
import { NameLists } from "../../src/export/spans/name-lists.js";

test("each number has its name, and no more names are remembered than are allowed", () => {
  const lists = new NameLists(new Scraps(), (name) => JSON.stringify(name), 10);
  const each = [lists.begin(), lists.begin()];
  const given = each.map((): string[] => []);
  for (let i = 0; i < 1000; i++)
    for (const [at, list] of each.entries())
      for (const name of [`new ${i}`, "one", `of two ${i >> 1}`]) {
        const names = given[at]!;
        const number = lists.number(list, name);
        names[number] ??= name;
        expect(names[number]).toBe(name);
        expect(each.reduce((sum, { numbers }) => sum + numbers.size, 0)).toBeLessThanOrEqual(10);
      }
  for (const [at, list] of each.entries()) {
    const text = Buffer.concat([...lists.read(list)]).toString();
    expect(JSON.parse(`[${text}]`)).toEqual(given[at]);
  }
});

test("a name that is remembered stands in its list once", () => {
  const lists = new NameLists(new Scraps(), (name) => name);
  const list = lists.begin();
  expect(["a", "b", "a", "c", "b"].map((name) => lists.number(list, name))).toEqual([0, 1, 0, 2, 1]);
  expect(Buffer.concat([...lists.read(list)]).toString()).toBe("a,b,c");
});
