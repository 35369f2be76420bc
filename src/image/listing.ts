import { InputError } from "../ground/errors.js";

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
  const output = new Growing(most);
  let start: number | undefined;
  let repeats = false;
  let last: Uint8Array = new Uint8Array(0);
  let number = 0;
  const fail = (what: string): never => {
    throw new InputError(`line ${number} of the hex listing ${what}`);
  };
  for (const raw of text.split("\n")) {
    number++;
    // The characters at the end may be blanks: only the carriage return goes.
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (line === REPEATED) repeats = true;
    if (line === REPEATED || line === "") continue;
    const match = listed.exec(line) ?? undefined;
    if (match === undefined && !END.test(line)) fail("is none");
    const address = Number.parseInt(line, 16);
    start ??= address;
    while (repeats && last.length > 0 && output.size < address - start)
      if (!output.add(last)) fail("is too far behind");
    repeats = false;
    if (address - start !== output.size) fail("does not follow the one before: bytes are missing");
    last = match === undefined ? last : bytesOf(match[2]!);
    if (match !== undefined && !output.add(last)) fail("is too far behind");
  }
  return output.bytes;
}

/** Bytes that come one behind another. */
class Growing {
  private room = new Uint8Array(64 * 1024);
  size = 0;

  constructor(private readonly most: number) {}

  /** Whether they fit. */
  add(bytes: Uint8Array): boolean {
    const end = this.size + bytes.length;
    if (end > this.most) return false;
    if (end > this.room.length) {
      const larger = new Uint8Array(Math.min(this.most, 2 * end));
      larger.set(this.room.subarray(0, this.size));
      this.room = larger;
    }
    this.room.set(bytes, this.size);
    this.size = end;
    return true;
  }

  get bytes(): Uint8Array {
    return this.room.subarray(0, this.size);
  }
}
