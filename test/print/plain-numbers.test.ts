import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { Bytes } from "../../src/ground/bytes.js";
import { tarEntries } from "../../src/input/archive/tar.js";
import { CompiledFormats } from "../../src/print/compiled-formats.js";
import { buildContext } from "../../src/system/context.js";
import { loadContextFiles } from "../../src/system/load.js";
import { KERNELS } from "../support/collection.js";
import { abiOf, recordIn, releases } from "../support/formats.js";
import { plainEnv } from "../support/plain-env.js";
import { randomOf } from "../support/random.js";

/** A print format of text and plain numbers: what it must print is reckoned here from the format file's text alone. */
interface Plain {
  readonly id: number;
  readonly path: string;
  readonly text: string;
  readonly args: readonly { readonly offset: number; readonly size: number; readonly signed: boolean }[];
}

const CONVERSION = /%(?:%|([-+ #0]*)(\d*)(hh|h|ll|l|z)?([diuxXo]))/g;

function plainFormat(path: string, file: string, longSize: number): Plain | undefined {
  const print = /^print fmt: "((?:[^"\\]|\\[nt"\\])*)"((?:, REC->\w+)*) *$/m.exec(file);
  if (print === null || /%(?!%|[-+ #0]*\d*(?:hh|h|ll|l|z)?[diuxXo])/.test(print[1]!.replaceAll("%%", "")))
    return undefined;
  const fields = new Map(
    [...file.matchAll(/field:[\w ]+ (\w+);\toffset:(\d+);\tsize:([1248]);\tsigned:([01]);/g)].map(
      ([, name, offset, size, signed]) =>
        [name!, { offset: Number(offset), size: Number(size), signed: signed === "1" }] as const,
    ),
  );
  const args = [...print[2]!.matchAll(/REC->(\w+)/g)].map(([, name]) => fields.get(name!));
  const sizes = [...print[1]!.matchAll(CONVERSION)]
    .filter(([all]) => all !== "%%")
    .map(([, , , long]) => sizeOf(long, longSize));
  // An argument of another size than its conversion's depends on how the machine passes arguments.
  const fits = args.every((field, i) => field !== undefined && Math.max(4, field.size) === Math.max(4, sizes[i] ?? 0));
  if (!fits || args.length === 0 || sizes.length !== args.length) return undefined;
  const text = print[1]!.replace(/\\(.)/g, (_, c: string) => ({ n: "\n", t: "\t" })[c] ?? c);
  return { id: Number(/^ID: (\d+)$/m.exec(file)![1]), path, text, args: args as Plain["args"] };
}

function sizeOf(long: string | undefined, longSize: number): number {
  return { hh: 1, h: 2, ll: 8, l: longSize, z: longSize }[long ?? ""] ?? 4;
}

/** printf() as the C standard has it. */
function printed({ text, args }: Plain, record: DataView, littleEndian: boolean, longSize: number): string {
  let next = 0;
  return text.replace(CONVERSION, (all, flags: string, width: string, long: string | undefined, kind: string) => {
    if (all === "%%") return "%";
    const { offset, size, signed } = args[next++]!;
    let value = 0n;
    for (let i = 0; i < size; i++)
      value = (value << 8n) | BigInt(record.getUint8(offset + (littleEndian ? size - 1 - i : i)));
    if (signed) value = BigInt.asIntN(8 * size, value);
    const bits = 8 * sizeOf(long, longSize);
    value = "di".includes(kind) ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
    const base = { x: 16, X: 16, o: 8 }[kind] ?? 10;
    let digits = (value < 0n ? -value : value).toString(base);
    if (kind === "X") digits = digits.toUpperCase();
    let sign = value < 0n ? "-" : "";
    if ("di".includes(kind) && sign === "") sign = flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
    // The kernel writes 0x before 0 as well (number(), lib/vsprintf.c).
    if (flags.includes("#")) sign += { x: "0x", X: "0X", o: value === 0n ? "" : "0" }[kind] ?? "";
    const room = Number(width || 0) - sign.length;
    if (flags.includes("-")) return (sign + digits).padEnd(Number(width || 0));
    return flags.includes("0") ? sign + digits.padStart(room, "0") : (sign + digits).padStart(Number(width || 0));
  });
}

test.each(releases())("%s: plain numbers are printed as C prints them", (release) => {
  const abi = abiOf(release);
  const events = join(KERNELS, release, "events.tar.gz");
  const plain = [...tarEntries(new Uint8Array(gunzipSync(readFileSync(events))))]
    .filter(({ path }) => path.endsWith("/format") && !/(^|\/)(syscalls|ftrace|user_events)\//.test(path))
    .map(({ path, bytes }) => plainFormat(path, Buffer.from(bytes).toString("latin1"), abi.longSize))
    .filter((format) => format !== undefined);
  const compiled = new CompiledFormats(buildContext(loadContextFiles({ events, release }), abi).formats);
  const env = plainEnv(abi.longSize);
  const random = randomOf(release.length);
  for (const format of plain)
    for (let round = 0; round < 4; round++) {
      // Small numbers too, and such that are all ones.
      const u8 = Uint8Array.from({ length: 256 }, () =>
        random() < round / 4 ? (random() < 0.5 ? 0 : 0xff) : random() * 256,
      );
      const bytes = new Bytes(u8, abi);
      const text = compiled.event(format.id)!.body(recordIn(bytes, 0, u8.length), env);
      expect({ path: format.path, text }).toEqual({
        path: format.path,
        text: printed(format, bytes.view, abi.littleEndian, abi.longSize),
      });
    }
  expect(plain.length).toBeGreaterThan(80);
});
