import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { type Fit, type FitContext, fitOf, formatsFit } from "../../src/derive/fit.js";
import { FitCount, type KnownTypes } from "../../src/derive/fit-count.js";
import type { Abi } from "../../src/ground/abi.js";
import { openImage } from "../../src/image/open.js";
import { buildContext, type ContextFiles } from "../../src/system/context.js";
import { type EventFormat, parseFormat } from "../../src/system/formats/parse-format.js";
import { loadContextFiles } from "../../src/system/load.js";
import { writingKernel } from "../../src/system/writing-kernel.js";
import { openTrace } from "../../src/trace/open.js";
import { KERNELS as ALL_KERNELS } from "../support/collection.js";
import { Dump } from "../support/images.js";
import { randomOf } from "../support/random.js";

const ABI = { littleEndian: true, longSize: 8 } as const;

interface MadeRecord {
  readonly type: number;
  /** What follows the eight bytes that every event begins with. */
  readonly payload: readonly number[];
}

type Facts = FitContext & KnownTypes & Pick<Abi, "littleEndian">;

/** Of records one by one. */
function fitOfRecords(records: readonly MadeRecord[], formats: ReadonlyMap<number, EventFormat>, facts: Facts): Fit {
  const { littleEndian } = facts;
  const count = new FitCount(formats, facts);
  for (const { type, payload } of records) {
    const view = new DataView(Uint8Array.from([0, 0, 0, 0, 1, 0, 0, 0, ...payload]).buffer);
    view.setUint16(0, type, littleEndian);
    count.record({ view, data: 0, dataSize: view.byteLength }, littleEndian);
  }
  return fitOf(count, facts);
}

function format(id: number, ...fields: string[]): EventFormat {
  const text = `name: e${id}\nID: ${id}\nformat:\n${fields.map((field) => `\tfield:${field};\n`).join("")}\nprint fmt: ""`;
  return parseFormat(text, ABI, "made");
}

const FORMATS = new Map(
  [
    format(300, "int a;\toffset:8;\tsize:4;\tsigned:1"),
    format(301, "__data_loc char[] s;\toffset:8;\tsize:4;\tsigned:0"),
    format(302, "bool b;\toffset:8;\tsize:1;\tsigned:0"),
    format(303, "char comm[16];\toffset:8;\tsize:16;\tsigned:0"),
  ].map((each) => [each.id, each]),
);

const SOUND: Facts = {
  littleEndian: true,
  known: (type) => type === 5,
  torn: 0,
  syscalls: () => [],
  strangeRelease: undefined,
  longSize: 8,
  statedLong: undefined,
};
const judge = (...records: MadeRecord[]): Fit => fitOfRecords(records, FORMATS, SOUND);
const word = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24];

test("a record fits that is as long as its format's fields; shorter and longer ones do not", () => {
  const fit = judge(
    { type: 300, payload: word(7) },
    { type: 300, payload: [1, 2, 3] },
    { type: 300, payload: new Array(12).fill(0) },
    { type: 999, payload: [] },
    { type: 5, payload: [] },
  );
  expect(fit).toMatchObject({ records: 5, fitting: 2, told: 1 });
  expect([...fit.short]).toEqual([[300, 1]]);
  expect([...fit.long]).toEqual([[300, 1]]);
  expect([...fit.unknown]).toEqual([[999, 1]]);
});

test("dynamic fields lie inside the record, flags are 0 or 1, names are text", () => {
  const inside = { type: 301, payload: [...word((2 << 16) | 12), 0x41, 0] };
  const outside = { type: 301, payload: [...word((9 << 16) | 12), 0x41, 0] };
  expect(judge(inside)).toMatchObject({ fitting: 1, verdict: "fits" });
  expect([...judge(outside).odd]).toEqual([[301, { count: 1, field: "s" }]]);
  expect(judge({ type: 302, payload: [1, 0, 0, 0] }).fitting).toBe(1);
  expect(judge({ type: 302, payload: [77, 0, 0, 0] }).fitting).toBe(0);
  const name = (...start: number[]) => ({ type: 303, payload: [...start, ...new Array(16 - start.length).fill(0)] });
  expect(judge(name(0x73, 0x68)).fitting).toBe(1);
  expect(judge(name(0x01, 0x73)).fitting).toBe(0);
});

test("a call's depth may be all that a record still holds", () => {
  const fields =
    "\tfield:unsigned long func;\toffset:8;\tsize:8;\tsigned:0;\n\tfield:int depth;\toffset:16;\tsize:4;\tsigned:1;\n";
  const text = `name: funcgraph_entry\nID: 11\nformat:\n${fields}\nprint fmt: ""`;
  const formats = new Map([[11, parseFormat(text, ABI, "ftrace")]]);
  const record = (depth: number) => ({ type: 11, payload: [...word(0), ...word(0), ...word(depth)] });
  const fitting = (depth: number) => fitOfRecords([record(depth)], formats, SOUND).fitting;
  expect([fitting(3), fitting(0x12345)]).toEqual([1, 0]);
});

test("6.12's updates have a return's times twice in the record, once in the format file", () => {
  const text = `name: funcgraph_exit
ID: 10
format:
\tfield:unsigned long func;\toffset:8;\tsize:8;\tsigned:0;
\tfield:int depth;\toffset:16;\tsize:4;\tsigned:1;
\tfield:unsigned int overrun;\toffset:20;\tsize:4;\tsigned:0;
\tfield:unsigned long long calltime;\toffset:24;\tsize:8;\tsigned:0;
\tfield:unsigned long long rettime;\toffset:32;\tsize:8;\tsigned:0;

print fmt: ""`;
  const formats = new Map([[10, parseFormat(text, ABI, "ftrace")]]);
  // do_dup2(), as 6.12.107+deb13-cloud-amd64 wrote it.
  const written = "10dc4581ffffffff000000000000000039ebd4fd05000000c9eeddfd05000000";
  const record = (more: number) => ({ type: 10, payload: [...Buffer.from(written, "hex"), ...Buffer.alloc(more)] });
  const fits = (more: number) => fitOfRecords(new Array(4).fill(record(more)), formats, SOUND).verdict;
  expect([fits(0), fits(16), fits(24)]).toEqual(["fits", "fits", "wrong"]);
});

test("single misfits among many are damage, a type of which most misfit is another build", () => {
  const good = Array.from({ length: 500 }, () => ({ type: 300, payload: word(1) }));
  const bad = { type: 300, payload: [1] };
  expect(judge(...good, bad, bad, bad).verdict).toBe("fits");
  const other = Array.from({ length: 4 }, () => ({ type: 303, payload: word(1) }));
  expect(judge(...good, ...other).verdict).toBe("wrong");
});

test("where memory is torn, the records of a rare type may all be others' bytes", () => {
  const good = Array.from({ length: 500 }, () => ({ type: 300, payload: word(1) }));
  const foreign = Array.from({ length: 4 }, () => ({ type: 303, payload: word(1) }));
  const torn = (...records: MadeRecord[]) => fitOfRecords(records, FORMATS, { ...SOUND, torn: 0.3 });
  expect(torn(...good, ...foreign).verdict).toBe("fits");
  expect(torn(...good, ...foreign, ...foreign).verdict).toBe("wrong");
});

test("formats of another word size are of another build: by header_page, else by the fields of what occurs", () => {
  const long = format(310, "unsigned long a;\toffset:8;\tsize:4;\tsigned:0");
  const record = { type: 310, payload: word(7) };
  const of = (facts: Partial<Facts>, ...records: MadeRecord[]) =>
    fitOfRecords(records, new Map([...FORMATS, [310, long]]), { ...SOUND, ...facts });
  expect(of({}, record)).toMatchObject({ fitting: 1, otherLong: 4, verdict: "wrong" });
  expect(of({ longSize: 4 }, record)).toMatchObject({ otherLong: undefined, verdict: "fits" });
  expect(of({}, { type: 300, payload: word(7) })).toMatchObject({ otherLong: undefined, verdict: "fits" });
  expect(of({ statedLong: 4 }, { type: 300, payload: word(7) })).toMatchObject({ otherLong: 4, verdict: "wrong" });
});

test.each([true, false])(
  "the depth of a function graph event tells an int from a long (little-endian: %s)",
  (little) => {
    const graph = (depth: string) => ({
      ...format(11, "unsigned long func;\toffset:8;\tsize:8;\tsigned:0", depth),
      system: "ftrace",
      name: "funcgraph_entry",
    });
    const int = graph("unsigned int depth;\toffset:16;\tsize:4;\tsigned:0");
    const long = graph("unsigned long depth;\toffset:16;\tsize:8;\tsigned:0");
    const bytes = (size: 4 | 8, depth: number): Buffer => {
      const field = Buffer.alloc(8, size === 4 ? 0xa5 : 0);
      if (size === 8 && little) field.writeBigInt64LE(BigInt(depth));
      else if (size === 8) field.writeBigInt64BE(BigInt(depth));
      else if (little) field.writeInt32LE(depth);
      else field.writeInt32BE(depth);
      return Buffer.concat([Buffer.alloc(8), field]);
    };
    const verdict = (formatOf: EventFormat, size: 4 | 8) => {
      const records = [1, 2, -1, 3].map((depth) => ({ type: 11, payload: [...bytes(size, depth)] }));
      return fitOfRecords(records, new Map([[11, formatOf]]), { ...SOUND, littleEndian: little }).verdict;
    };
    expect([verdict(int, 4), verdict(long, 8), verdict(long, 4)]).toEqual(["fits", "fits", "wrong"]);
    // Of a little-endian long the lower half is the same number.
    expect(verdict(int, 8)).toBe(little ? "fits" : "wrong");
  },
);

/** The events of a system call; a record of one is its number. */
function callFormat(id: number, name: string): EventFormat {
  const field = "\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;";
  return {
    ...parseFormat(`name: ${name}\nID: ${id}\nformat:\n${field}\nprint fmt: ""`, ABI, "made"),
    system: "syscalls",
  };
}

test("a system call's event holds the number of that call: by the architecture's table, or one number a call", () => {
  const formats = new Map(
    [callFormat(400, "sys_enter_read"), callFormat(401, "sys_exit_read"), callFormat(402, "sys_enter_write")].map(
      (each) => [each.id, each],
    ),
  );
  const call = (type: number, nr: number): MadeRecord => ({ type, payload: word(nr) });
  const judged = (syscalls: string[], ...records: MadeRecord[]) =>
    fitOfRecords(records, formats, { ...SOUND, syscalls: () => syscalls });
  const reads = [call(400, 0), call(401, 0), call(400, 0), call(401, 0)];
  expect(judged(["read", "write"], ...reads)).toMatchObject({ fitting: 4, verdict: "fits" });
  expect(judged(["write", "read"], ...reads)).toMatchObject({ fitting: 0, verdict: "wrong" });
  // Without a table: what the records themselves say.
  const write = call(402, 1);
  expect(judged([], ...reads, write, write, write)).toMatchObject({ fitting: 7, verdict: "fits" });
  const mixed = judged([], ...reads, call(402, 0), call(402, 0), call(402, 0));
  expect(mixed.verdict).toBe("wrong");
  expect([...mixed.odd]).toEqual([[402, { count: 3, field: "__syscall_nr" }]]);
  // A name that the table spells another way says nothing.
  expect(judged(["newread", "write"], ...reads)).toMatchObject({ fitting: 4, verdict: "fits" });
});

test("a release of another layout contradicts, where a file states it, if no record of a format says otherwise", async () => {
  const image = await openImage(new Dump("v7.3-few").bytes("image.bin.gz"));
  const events = join(KERNELS, "7.3.4+deb13-cloud-amd64", "events.tar.gz");
  const { formats } = loadContextFiles({ events });
  const fitWith = (of: typeof image, files: ContextFiles) =>
    openTrace(of, writingKernel(buildContext(files, of.layout.abi))).fit();
  const byFiles = (release: string) => fitWith(image, { formats, release });
  const strange = { release: "6.12.117", by: "files" };
  expect(byFiles("6.12.117")).toMatchObject({ verdict: "wrong", strangeRelease: strange });
  expect(byFiles("6.18.15")).toMatchObject({ verdict: "fits", strangeRelease: undefined });
  const told = await openImage(new Dump("v7.3-read").bytes("image.bin.gz"));
  expect(fitWith(told, { formats, release: "6.12.117" })).toMatchObject({ verdict: "fits", strangeRelease: strange });
  // A person's word says nothing of the formats.
  const byPerson = loadContextFiles({ release: "6.12.117" }, { formats, release: "7.3.4" });
  expect(fitWith(image, byPerson)).toMatchObject({ verdict: "fits", strangeRelease: { ...strange, by: "person" } });
});

const KERNELS = join(import.meta.dirname, "../../fixtures/kernels");

test.each([
  ["v7.3-read", "7.3.4+deb13-cloud-amd64", "fits"],
  ["v7.1-rewind", "7.3.4+deb13-cloud-amd64", "wrong"],
] as const)("%s with the formats of %s: %s", async (name, release, verdict) => {
  const image = await openImage(new Dump(name).bytes("image.bin.gz"));
  const files = loadContextFiles({ events: join(KERNELS, release, "events.tar.gz"), release });
  const writer = writingKernel(buildContext(files, image.layout.abi));
  const fit = openTrace(image, writer, { names: "none" }).fit();
  expect(fit.verdict).toBe(verdict);
  expect(fit.records).toBeGreaterThan(1000);
  if (verdict === "fits") expect(fit.fitting).toBe(fit.records);
});

/** One word in twenty of an image is a small number. */
function damaged(name: string): Uint8Array {
  const bytes = Uint8Array.from(new Dump(name).bytes());
  const view = new DataView(bytes.buffer);
  const random = randomOf(1);
  const below = (most: number): number => Math.floor(random() * most);
  for (let left = bytes.length / 80; left > 0; left--) view.setUint32(4 * below(bytes.length / 4), below(256), true);
  return bytes;
}

const SETS = readdirSync(ALL_KERNELS).filter((set) => existsSync(join(ALL_KERNELS, set, "events.tar.gz")));

test("the right formats fit where all sub-buffers are damaged, those of other releases do not", async () => {
  const image = await openImage(damaged("v7.3-read"));
  const verdictOf = (set: string) => {
    const files = loadContextFiles({ events: join(ALL_KERNELS, set, "events.tar.gz") });
    return formatsFit(image, writingKernel(buildContext(files, image.layout.abi))).verdict;
  };
  expect(verdictOf("7.3.4+deb13-cloud-amd64")).toBe("fits");
  for (const set of SETS.filter((each) => !each.startsWith("7.3")))
    expect([set, verdictOf(set)]).toEqual([set, "wrong"]);
});
