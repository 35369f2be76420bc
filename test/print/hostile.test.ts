import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Bytes } from "../../src/ground/bytes.js";
import { latin1 } from "../../src/ground/latin1.js";
import { tarEntries } from "../../src/input/archive/tar.js";
import { compileFormat } from "../../src/print/compile.js";
import { FormatError } from "../../src/system/formats/errors.js";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { KERNELS } from "../support/collection.js";
import { abiOf, event, formatText, LE64, recordIn, releases } from "../support/formats.js";
import { plainEnv } from "../support/plain-env.js";

const env = plainEnv(8);

/** Some real format files: a spread of them, so that the test stays short. */
function someFormats(): string[] {
  const release = releases().find((r) => r.startsWith("7.3")) ?? releases()[0];
  if (release === undefined)
    return [
      formatText(
        [
          ["u32 w", 8, 4, 0],
          ["__data_loc char[] s", 12, 4, 0],
        ],
        '"%d %s", REC->w, __get_str(s)',
      ),
    ];
  const archive = new Uint8Array(gunzipSync(readFileSync(join(KERNELS, release, "events.tar.gz"))));
  const all = [...tarEntries(archive)].filter((e) => e.path.endsWith("/format")).map((e) => latin1(e.bytes));
  return all.filter((_, i) => i % 17 === 0);
}

const formats = someFormats();

test("any bytes in any record: text, never an exception", () => {
  const compiled = formats.map((text) => compileFormat(parseFormat(text, LE64), { abi: LE64 }));
  fc.assert(
    fc.property(
      fc.nat(compiled.length - 1),
      fc.uint8Array({ minLength: 8, maxLength: 200 }),
      fc.nat(8),
      (i, bytes, from) => {
        const window = new Bytes(bytes, LE64);
        const at = Math.min(from, bytes.length - 8);
        expect(typeof compiled[i]!.print(recordIn(window, at, bytes.length - at), env)).toBe("string");
        expect(typeof compiled[i]!.printFields(recordIn(window, at, bytes.length - at), env)).toBe("string");
      },
    ),
    { numRuns: 2000 },
  );
});

test("what is printed depends on the record's bytes alone", () => {
  const compiled = formats.map((text) => compileFormat(parseFormat(text, LE64), { abi: LE64 }));
  fc.assert(
    fc.property(
      fc.nat(compiled.length - 1),
      fc.uint8Array({ minLength: 8, maxLength: 120 }),
      fc.nat(255),
      (i, bytes, around) => {
        const padded = new Uint8Array(bytes.length + 64).fill(around);
        padded.set(bytes, 32);
        const alone = compiled[i]!.print(recordIn(new Bytes(bytes, LE64), 0, bytes.length), env);
        expect(compiled[i]!.print(recordIn(new Bytes(padded, LE64), 32, bytes.length), env)).toBe(alone);
      },
    ),
    { numRuns: 2000 },
  );
});

test("damaged format files: a typed error or a working event", () => {
  const bytes = new Bytes(new Uint8Array(256).fill(0x33), LE64);
  fc.assert(
    fc.property(
      fc.constantFrom(...formats),
      fc.array(
        fc.tuple(
          fc.nat(),
          fc.constantFrom(
            "",
            "(",
            ")",
            '"',
            "%",
            "REC->",
            "{",
            "}",
            "9999999999",
            "[",
            "]",
            ",",
            "?",
            ":",
            "\\",
            ";",
            "*",
            "\n",
          ),
        ),
        { minLength: 1, maxLength: 4 },
      ),
      (text, edits) => {
        let damaged = text;
        for (const [where, what] of edits) {
          const at = where % damaged.length;
          damaged = damaged.slice(0, at) + what + damaged.slice(at + (where % 3));
        }
        try {
          const e = compileFormat(parseFormat(damaged, LE64), { abi: LE64 });
          e.print(recordIn(bytes, 0, 200), env);
          e.printFields(recordIn(bytes, 0, 200), env);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      },
    ),
    { numRuns: 1500 },
  );
});

test("text of a format file is never run", () => {
  const nasty = ['"];globalThis.pwned=1;["', "`$" + "{globalThis.pwned=1}`", "\\u2028", "'+(globalThis.pwned=1)+'"];
  for (const text of nasty) {
    const quoted = JSON.stringify(`${text} %s %s`);
    const e = event(
      [["u32 w", 8, 4, 0]],
      `${quoted}, ${JSON.stringify(text)}, __print_symbolic(REC->w, { 0, ${JSON.stringify(text)} })`,
    );
    e.print(recordIn(new Bytes(new Uint8Array(64), LE64), 0, 64), env);
  }
  expect("pwned" in globalThis).toBe(false);
});

test("deep nesting, huge numbers and doubling code are bounded", () => {
  const fields = [
    ["u64 x", 8, 8, 0],
    ["u32 w", 16, 4, 0],
  ] as const;
  expect(event(fields, `"%d", ${"(".repeat(5000)}1${")".repeat(5000)}`).markers[0]?.reason).toMatch(
    /nested too deeply/,
  );
  expect(event(fields, `"%d", ${"!".repeat(5000)}1`).markers[0]?.reason).toMatch(/nested too deeply/);
  // Its compilation would double with each pair of parentheses, and never end, if operands were copied.
  const zigzag = `${"(".repeat(60)}REC->x${" << 1) >> 1)".repeat(30)}`;
  expect(event(fields, `"%llx", ${zigzag}`).failure).toBeUndefined();
  const bytes = new Bytes(new Uint8Array(64).fill(0xff), LE64);
  expect(event(fields, '"%*d|%99999999d", REC->w, 1, 2').print(recordIn(bytes, 0, 64), env).length).toBeLessThan(20000);
  expect(event(fields, '"%*d", 2147483647, 1').print(recordIn(bytes, 0, 64), env).length).toBeLessThan(10000);
  expect(() => parseFormat(formatText([["u8 a[99999999999]", 8, 99999999999, 0]], '""'), LE64)).toThrow(FormatError);
});

test("every ABI reads the same hostile record without an exception", () => {
  for (const release of releases()) {
    const abi = abiOf(release);
    for (const text of formats.slice(0, 40)) {
      const e = compileFormat(parseFormat(text, abi), { abi, release });
      for (const length of [8, 9, 20, 100])
        e.print(recordIn(new Bytes(new Uint8Array(128).fill(0xfe), abi), 3, length), plainEnv(abi.longSize));
    }
  }
});

test("a pointer of a size that no machine's pointers have costs its own conversion, and no other", () => {
  for (const size of [0, 1, 2, 3, 5, 16, 88]) {
    const odd = event(
      [
        ["void * p", 8, size, 0],
        ["u32 w", 8 + size, 4, 0],
      ],
      '"p=%p q=%lx w=%u", REC->p, REC->p, REC->w',
    );
    const bytes = new Bytes(new Uint8Array(12 + size).fill(1), LE64);
    expect({ size, text: odd.print(recordIn(bytes), env) }).toEqual({
      size,
      text: expect.stringMatching(/w=16843009/),
    });
    expect(odd.printFields(recordIn(bytes), env)).toContain("w=0x1010101 (16843009)");
  }
});
