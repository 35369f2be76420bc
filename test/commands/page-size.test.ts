import { expect, test } from "@jest/globals";
import { bootWishes } from "../../src/commands/boot-wishes.js";

test.each([4096, 65536, 262144])("--page-size %d is one that a kernel can have", (pageSize) => {
  expect(bootWishes({ pageSize }, [])).toEqual({ pageSize });
});

test.each([2048, 12288, 524288])("--page-size %d is none", (pageSize) => {
  expect(() => bootWishes({ pageSize }, [])).toThrow("page sizes are powers of two from 4096 to 262144");
});
