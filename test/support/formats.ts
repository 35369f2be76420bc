import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Abi } from "../../src/ground/abi.js";
import { Bytes } from "../../src/ground/bytes.js";
import { type CompiledEvent, compileFormat } from "../../src/print/compile.js";
import type { PrintEnv } from "../../src/print/env.js";
import type { RecordData } from "../../src/print/record.js";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { KERNELS } from "./collection.js";
import { plainEnv } from "./plain-env.js";

/** Folders of KERNELS with formats. */
export function releases(): string[] {
  return readdirSync(KERNELS).filter((k) => existsSync(join(KERNELS, k, "events.tar.gz")));
}

/** The ABI of a release, from its architecture's name. */
export function abiOf(release: string): Abi {
  return {
    littleEndian: !release.includes("s390x"),
    longSize: release.includes("armmp") ? 4 : 8,
  };
}

export const LE64: Abi = { littleEndian: true, longSize: 8 };
export const BE64: Abi = { littleEndian: false, longSize: 8 };
export const LE32: Abi = { littleEndian: true, longSize: 4 };

/** [declaration, offset, size, signed]. */
export type Field = readonly [string, number, number, 0 | 1];

/** A format file's text. */
export function formatText(fields: readonly Field[], printFmt: string, name = "event"): string {
  const lines = fields.map(
    ([d, offset, size, signed]) => `\tfield:${d};\toffset:${offset};\tsize:${size};\tsigned:${signed};\n`,
  );
  return `name: ${name}\nID: 1000\nformat:\n\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n\n${lines.join("")}\nprint fmt: ${printFmt}\n`;
}

/** A compiled event made of text. */
export function event(
  fields: readonly Field[],
  printFmt: string,
  abi: Abi = LE64,
  release = "7.3.4",
  system = "test",
  name = "event",
): CompiledEvent {
  return compileFormat(parseFormat(formatText(fields, printFmt, name), abi, system), { abi, release });
}

/** A record: `size` bytes, with values put in by `fill`. */
export function record(size: number, abi: Abi, fill: (view: DataView, u8: Uint8Array, le: boolean) => void): Bytes {
  const u8 = new Uint8Array(size);
  fill(new DataView(u8.buffer), u8, abi.littleEndian);
  return new Bytes(u8, abi);
}

/** A record that lies in bytes, all of them without more. */
export function recordIn(bytes: Bytes, data = 0, dataSize = bytes.length - data): RecordData {
  return { bytes, data, dataSize };
}

/** The body that an event prints of a record. */
export function body(e: CompiledEvent, bytes: Bytes, env: PrintEnv = plainEnv(bytes.abi.longSize)): string {
  expect_compiled(e);
  return e.body(recordIn(bytes), env);
}

function expect_compiled(e: CompiledEvent): void {
  if (e.failure !== undefined) throw new Error(`not compiled: ${e.failure}`);
}

/** The text of one printf with one 64-bit field `x` (and its low halves) as arguments. */
export function printed(format: string, args: string, value: bigint, abi: Abi = LE64): string {
  const fields: Field[] = [
    ["u64 x", 8, 8, 0],
    ["s64 sx", 8, 8, 1],
    ["u32 w", 16, 4, 0],
    ["int i", 16, 4, 1],
    ["u16 h", 20, 2, 0],
    ["short sh", 20, 2, 1],
    ["u8 b", 22, 1, 0],
    ["s8 sb", 22, 1, 1],
  ];
  const e = event(fields, `${JSON.stringify(format)}${args === "" ? "" : `, ${args}`}`, abi);
  return body(
    e,
    record(24, abi, (v, _u, le) => {
      v.setBigUint64(8, BigInt.asUintN(64, value), le);
      v.setUint32(16, Number(BigInt.asUintN(32, value)), le);
      v.setUint16(20, Number(BigInt.asUintN(16, value)), le);
      v.setUint8(22, Number(BigInt.asUintN(8, value)));
    }),
  );
}
