import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { Bytes } from "../../src/bytes.js";
import { buildContext } from "../../src/trace/context/context.js";
import { loadContextFiles } from "../../src/trace/context/load.js";
import { plainEnv } from "../../src/trace/format/env.js";
import { abiOf, KERNELS, releases } from "./support.js";

const all = releases();

test.each(all)("every format of %s parses, compiles and prints any bytes", (release) => {
  const abi = abiOf(release);
  const context = buildContext(loadContextFiles({ events: join(KERNELS, release, "events.tar.gz"), release }), abi);
  expect(context.formats.problems).toEqual([]);
  expect(context.formats.uncompilable()).toEqual([]);
  expect(context.formats.size).toBeGreaterThan(1200);
  const env = plainEnv(abi.longSize);
  for (const fill of [0x41, 0xff]) {
    const bytes = new Bytes(new Uint8Array(1024).fill(fill), abi);
    for (const format of context.formats.formats()) {
      const event = context.formats.event(format.id)!;
      for (const length of [1000, 12]) {
        const text = event.print(bytes, 8, length, env);
        expect(text.startsWith(format.name) || format.system === "syscalls").toBe(true);
        expect(text).not.toMatch(/undefined|NaN|\[object/);
        event.printFields(bytes, 8, length, env);
      }
    }
  }
});
