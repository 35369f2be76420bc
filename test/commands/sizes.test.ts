import { expect, test } from "@jest/globals";
import { COMMANDS } from "../../src/commands/index.js";
import { UsageError } from "../../src/ground/errors.js";
import { flagsOf, groupsOf } from "../../src/spec/spec.js";

test("every option that takes bytes takes them as the kernel's command line does", async () => {
  const found: string[] = [];
  for (const { name, load } of COMMANDS)
    for (const { options } of groupsOf(await load()))
      for (const option of options) {
        const { long, value } = flagsOf(option);
        if (value !== "<bytes>") continue;
        found.push(`${name} ${long}`);
        const parse = (text: string) => option.parse!(text, undefined);
        expect(["524288", "0x80000", "512K", "512k"].map(parse)).toEqual(Array(4).fill(524_288));
        expect([parse("12M"), parse("1G")]).toEqual([12 * 2 ** 20, 2 ** 30]);
        for (const text of ["", "12Q", "-1", "1.5M", "999999999999999G"]) expect(() => parse(text)).toThrow(UsageError);
      }
  expect(found).toEqual(expect.arrayContaining(["check --size", "check --page-size", "mmap-layout --length"]));
});
