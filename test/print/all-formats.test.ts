import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { Bytes } from "../../src/ground/bytes.js";
import { CompiledFormats } from "../../src/print/compiled-formats.js";
import { buildContext } from "../../src/system/context.js";
import { loadContextFiles } from "../../src/system/load.js";
import { KERNELS } from "../support/collection.js";
import { abiOf, recordIn, releases } from "../support/formats.js";
import { plainEnv } from "../support/plain-env.js";
import { NOT_TOLD } from "../text/shortfalls.js";

const all = releases();

let uncompiled = 0;
afterAll(() => {
  process.stderr.write(`formats with a marker: ${uncompiled}\n`);
});

test.each(all)(
  "every format of %s compiles, but for the known shortfalls without a marker, and prints any bytes",
  (release) => {
    const abi = abiOf(release);
    const context = buildContext(loadContextFiles({ events: join(KERNELS, release, "events.tar.gz"), release }), abi);
    const compiled = new CompiledFormats(context.formats);
    expect(context.formats.problems).toEqual([]);
    expect([...compiled.table.formats()].filter(({ id }) => compiled.event(id)!.failure !== undefined)).toEqual([]);
    const failed = [...context.formats.formats()].filter(({ id }) => compiled.event(id)!.markers.length > 0);
    uncompiled += failed.length;
    if (failed.length !== (NOT_TOLD[release] ?? 0)) expect(failed.map(({ name }) => name)).toEqual([]);
    expect(failed).toHaveLength(NOT_TOLD[release] ?? 0);
    expect(context.formats.size).toBeGreaterThan(1200);
    const env = plainEnv(abi.longSize);
    for (const fill of [0x41, 0xff]) {
      const bytes = new Bytes(new Uint8Array(1024).fill(fill), abi);
      for (const format of context.formats.formats()) {
        const event = compiled.event(format.id)!;
        for (const length of [1000, 12]) {
          const text = event.print(recordIn(bytes, 8, length), env);
          expect(text.startsWith(format.name) || format.system === "syscalls").toBe(true);
          expect(text).not.toMatch(/undefined|NaN|\[object/);
          event.printFields(recordIn(bytes, 8, length), env);
        }
      }
    }
  },
);
