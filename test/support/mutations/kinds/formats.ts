import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Abi } from "../../../../src/ground/abi.js";
import { Bytes } from "../../../../src/ground/bytes.js";
import { latin1 } from "../../../../src/ground/latin1.js";
import { tarEntries } from "../../../../src/input/archive/tar.js";
import { type CompiledEvent, compileFormat } from "../../../../src/print/compile.js";
import { FormatError } from "../../../../src/system/formats/errors.js";
import { parseFormat } from "../../../../src/system/formats/parse-format.js";
import { FormatTable } from "../../../../src/system/formats/table.js";
import { KERNELS } from "../../collection.js";
import { abiOf, recordIn, releases } from "../../formats.js";
import { plainEnv } from "../../plain-env.js";
import { holds, type Kind, unless } from "../kind.js";
import { mutatedText } from "../mutate.js";

const WORDS = [
  "REC->",
  "__get_str(",
  "__print_flags(",
  "__print_symbolic(",
  "%s",
  "%*.*s",
  "%pISpc",
  "%llx",
  "(",
  ")",
].concat(
  ["size:5;", "offset:-1;", "size:4294967296;", "signed:2;", "[", "]", "*", "? :", "<<", "sizeof(", '"', ";\tfield:"],
  ["__data_loc char[] ", "__rel_loc u8[] ", "unsigned long ", "common_", "({", "})", "++", "0x", "{", "}", ","],
);
/** A page holds no longer record. */
const LONGEST_TEXT = 4 * 1024 * 1024;

/** A release's format files. */
export function formatFiles(release: string): { release: string; text: string; system: string }[] {
  const archive = gunzipSync(readFileSync(join(KERNELS, release, "events.tar.gz")));
  return [...tarEntries(archive)]
    .filter(({ path }) => path.endsWith("/format"))
    .map(({ path, bytes }) => ({ release, text: latin1(bytes), system: path.split("/").at(-3) ?? "" }));
}

/** Format files: a printer that prints any record, or a FormatError. */
export const formats: Kind = {
  name: "formats",
  async prepare() {
    const files = releases().flatMap(formatFiles);
    return (dice) => {
      const { release, text: sound, system } = dice.of(files);
      const abi = abiOf(release);
      const text = mutatedText(sound, dice, WORDS);
      const records = Array.from({ length: 4 }, () =>
        Uint8Array.from({ length: 8 + dice.below(160) }, () => (dice.chance(0.3) ? 0 : dice.below(256))),
      );
      tryFormat(text, { abi, release, system }, records);
    };
  },
};

/** A format file's text, and the bytes of records in its form. */
export function tryFormat(
  text: string,
  { abi, release, system }: { abi: Abi; release: string; system: string },
  records: readonly Uint8Array[],
): void {
  new FormatTable(abi, release).add({ bytes: Buffer.from(text, "latin1"), system, path: system });
  const format = unless([FormatError], () => parseFormat(text, abi, system));
  if (format === undefined) return;
  const compiled = compileFormat(format, { abi, release });
  for (const bytes of records) tryPrinting(compiled, new Bytes(bytes, abi));
}

/** One record: a text of bounded length, and the same one the next time. */
export function tryPrinting(compiled: CompiledEvent, bytes: Bytes): void {
  const env = plainEnv(bytes.abi.longSize);
  const record = recordIn(bytes);
  const printed = compiled.print(record, env);
  const fields = compiled.printFields(record, env);
  holds(typeof printed === "string" && typeof fields === "string", "no text was printed");
  holds(printed.length + fields.length < LONGEST_TEXT, () => `${printed.length} characters were printed`);
  holds(compiled.print(record, env) === printed, "the same record is printed in two ways");
}
