import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { Abi } from "../../src/ground/abi.js";
import { Bytes } from "../../src/ground/bytes.js";
import { compileFormat } from "../../src/print/compile.js";
import { parsePrintFormat } from "../../src/print/parse-print-format.js";
import { isProbe } from "../../src/print/probes.js";
import { PrintedRecord } from "../../src/print/record.js";
import { buildContext } from "../../src/system/context.js";
import { type EventFormat, typesOfFields } from "../../src/system/formats/parse-format.js";
import { loadContextFiles } from "../../src/system/load.js";
import { DUMPS, KERNELS } from "../support/collection.js";
import { abiOf, recordIn, releases } from "../support/formats.js";
import { Evaluator } from "../support/interpreter/evaluate.js";
import { printed } from "../support/interpreter/printf.js";
import { Unsupported } from "../support/interpreter/values.js";
import { plainEnv } from "../support/plain-env.js";

/**
 * Every format's compiled printer against an interpreter that works in bigints and knows nothing of how values are held
 * in generated code (test/support/interpreter), on records of all zeros, all ones, random bits and odd small numbers.
 */

/** Words of records: what arithmetic goes wrong at. */
const EDGES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

function recordsFor(format: EventFormat, { littleEndian }: Abi, pick: (below: number) => number): Uint8Array[] {
  const fixed = Math.max(8, ...format.fields.map((f) => f.offset + f.size));
  const size = fixed + 48;
  return Array.from({ length: 6 }, (_, kind) => {
    const u8 = new Uint8Array(size);
    const view = new DataView(u8.buffer);
    if (kind === 1) u8.fill(0xff);
    for (let at = 0; kind > 1 && at + 4 <= size; at += 4) {
      if (kind < 4) view.setUint32(at, pick(0x10000) * 0x10000 + pick(0x10000));
      else view.setUint32(at, EDGES[pick(EDGES.length)]!, littleEndian);
    }
    // Dynamic arrays of half the records lie where they should.
    for (const f of format.fields) {
      if (kind % 2 === 0 || (f.shape !== "data_loc" && f.shape !== "rel_loc")) continue;
      const place = fixed + pick(16) - (f.shape === "rel_loc" ? f.offset + 4 : 0);
      view.setUint32(f.offset, place | ((8 + pick(24)) << 16), littleEndian);
    }
    return u8;
  });
}

/** Numbers below a limit, the same at every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Opinion {
  /** The share of the formats that the interpreter knows all of: a few functions and arrays of drivers it does not. */
  readonly covered: number;
  readonly different: readonly string[];
}

function compare(formats: Iterable<EventFormat>, abi: Abi, release: string): Opinion {
  const different: string[] = [];
  let compared = 0;
  let all = 0;
  const pick = random(11);
  for (const format of formats) {
    if (format.system === "syscalls") continue;
    const compiled = compileFormat(format, { abi, release });
    if (compiled.markers.length > 0) continue;
    const print = parsePrintFormat(format.printFmt, abi, typesOfFields(format.fields));
    if (isProbe(format, print)) continue;
    all++;
    try {
      for (const u8 of recordsFor(format, abi, pick)) {
        const data = recordIn(new Bytes(u8, abi));
        const env = plainEnv(abi.longSize);
        const record = new PrintedRecord(abi).open(data, env);
        const want = printed(new Evaluator(format, abi, release, record), print);
        const got = compiled.body(data, env);
        if (got !== want)
          different.push(`${format.system}:${format.name}\n  compiled    ${got}\n  interpreted ${want}`);
      }
      compared++;
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
    }
  }
  return { covered: compared / all, different };
}

function formatsIn(events: string, abi: Abi, release: string): EventFormat[] {
  return [...buildContext(loadContextFiles({ events, release }), abi).formats.formats()];
}

test.each(releases())("%s", (release) => {
  const abi = abiOf(release);
  const formats = formatsIn(join(KERNELS, release, "events.tar.gz"), abi, release);
  const { covered, different } = compare(formats, abi, release);
  expect(different).toEqual([]);
  expect(covered).toBeGreaterThan(0.9);
});

const MODULE_FORMATS = join(DUMPS, "../module-formats");
const MODULES = existsSync(MODULE_FORMATS) ? ["6.12.107", "7.3.4"] : [];
const MACHINES: readonly (readonly [string, Abi])[] = [
  ["as they are", { littleEndian: true, longSize: 8 }],
  ["of a big-endian machine", { littleEndian: false, longSize: 8 }],
  ["of a 32-bit machine", { littleEndian: true, longSize: 4 }],
  ["of a big-endian 32-bit machine", { littleEndian: false, longSize: 4 }],
];

if (MODULES.length > 0)
  test.each(MODULES.flatMap((release) => MACHINES.map(([name, abi]) => [release, name, abi] as const)))(
    "all modules of %s, %s",
    (release, _name, abi) => {
      const formats = formatsIn(join(MODULE_FORMATS, `${release}-amd64.tar.gz`), abi, release);
      const { covered, different } = compare(formats, abi, release);
      expect(different).toEqual([]);
      expect(covered).toBeGreaterThan(0.9);
    },
  );
