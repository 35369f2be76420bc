import { InputError } from "../ground/errors.js";
import { Output } from "../input/unpack/output.js";

/** Lines of an address, bytes, and the characters that they are, by who prints them. */
const LINES: readonly RegExp[] = [
  // xxd
  /^([0-9a-f]{6,16}): ((?:(?:[0-9a-f]{2})+ )+) /i,
  // hexdump -C
  /^([0-9a-f]{6,16}) {2}((?:[0-9a-f]{2} {1,2})+) *\|/i,
  // od -A x -t x1, with z or without
  /^([0-9a-f]{6,16})((?: [0-9a-f]{2})+)(?: *>.*)?$/i,
];
/** Stands for lines that are equal to the one before. */
const REPEATED = "*";
/** A line that says where the listing ends. */
const END = /^[0-9a-f]{6,16}$/i;

/** The kind of listing that text begins with; undefined for any other text. */
export function listingOf(text: string): RegExp | undefined {
  const [first = "", second = ""] = text.split(/\r?\n/, 2);
  for (const line of LINES) {
    const match = line.exec(first);
    if (match === null) continue;
    const next = Number.parseInt(match[1]!, 16) + bytesOf(match[2]!).length;
    // Addresses of another base (od's own are octal) do not fit the bytes.
    if (second === REPEATED || Number.parseInt(second, 16) === next) return line;
  }
  return undefined;
}

const bytesOf = (digits: string): Buffer => Buffer.from(digits.replaceAll(" ", ""), "hex");

/**
 * The bytes that a listing lists, from its first address on. Throws InputError, with the line's number, where one is no line of
 * it or bytes are missing before it.
 * @param most bytes: a line of `*` stands for any number
 */
export function bytesOfListing(text: string, listed: RegExp, most: number): Uint8Array {
  let start: number | undefined;
  let repeats = false;
  let last: Uint8Array = new Uint8Array(0);
  let number = 0;
  const fault = (what: string) => new InputError(`line ${number} of the hex listing ${what}`);
  const output = new Output(0, most, () => fault("is too far behind"));
  for (const raw of text.split("\n")) {
    number++;
    // The characters at the end may be blanks: only the carriage return goes.
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (line === REPEATED) repeats = true;
    if (line === REPEATED || line === "") continue;
    const match = listed.exec(line) ?? undefined;
    if (match === undefined && !END.test(line)) throw fault("is none");
    const address = Number.parseInt(line, 16);
    start ??= address;
    while (repeats && last.length > 0 && output.length < address - start) output.append(last);
    repeats = false;
    if (address - start !== output.length) throw fault("does not follow the one before: bytes are missing");
    if (match === undefined) continue;
    last = bytesOf(match[2]!);
    output.append(last);
  }
  return output.finish();
}
