import { expect, test } from "@jest/globals";
import { Diagnostics } from "../../src/ground/diagnostics.js";
import { MAX_DIAGNOSTICS_PER_CODE } from "../../src/ground/limits.js";

test("repeats beyond the bound are counted, also on top of what was found before", () => {
  const first = new Diagnostics();
  for (let i = 0; i < MAX_DIAGNOSTICS_PER_CODE + 3; i++) first.add("subbuf-duplicate", i, "stale");
  first.add("subbuf-empty", 7, "empty");
  const { list, omitted } = first.findings();
  expect(list).toHaveLength(MAX_DIAGNOSTICS_PER_CODE + 1);
  expect(list[0]).toEqual({
    code: "subbuf-duplicate",
    severity: "error",
    offset: 0,
    message: "stale (at offset 0x0)",
  });
  expect(omitted).toEqual([{ code: "subbuf-duplicate", count: 3 }]);

  const second = new Diagnostics({ list, omitted });
  second.add("subbuf-duplicate", 99, "stale");
  second.add("subbuf-empty", 8, "empty", { cpu: 1 });
  const both = second.findings();
  expect(both.list.slice(0, -1)).toEqual(list);
  expect(both.list.at(-1)).toMatchObject({ code: "subbuf-empty", cpu: 1 });
  expect(both.omitted).toEqual([{ code: "subbuf-duplicate", count: 4 }]);
});
