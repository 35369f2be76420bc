import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { Bytes } from "../../src/ground/bytes.js";
import { CompiledFormats } from "../../src/print/compiled-formats.js";
import { plainEnv } from "../../src/print/env.js";
import { buildContext } from "../../src/system/context.js";
import { loadContextFiles } from "../../src/system/load.js";
import { abiOf, KERNELS, releases } from "../support/formats.js";

const all = releases();

test.each(all)("every format of %s parses, compiles and prints any bytes", (release) => {
  const abi = abiOf(release);
  const context = buildContext(loadContextFiles({ events: join(KERNELS, release, "events.tar.gz"), release }), abi);
  const compiled = new CompiledFormats(context.formats);
  expect(context.formats.problems).toEqual([]);
  expect(compiled.uncompilable()).toEqual([]);
  expect(context.formats.size).toBeGreaterThan(1200);
  const env = plainEnv(abi.longSize);
  for (const fill of [0x41, 0xff]) {
    const bytes = new Bytes(new Uint8Array(1024).fill(fill), abi);
    for (const format of context.formats.formats()) {
      const event = compiled.event(format.id)!;
      for (const length of [1000, 12]) {
        const text = event.print(bytes, 8, length, env);
        expect(text.startsWith(format.name) || format.system === "syscalls").toBe(true);
        expect(text).not.toMatch(/undefined|NaN|\[object/);
        event.printFields(bytes, 8, length, env);
      }
    }
  }
});
