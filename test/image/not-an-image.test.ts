import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { fixture } from "../support/images.js";
import { has } from "../support/programs.js";
import { rbtool } from "../support/run.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const IMAGE = Buffer.from(fixture("v7.3-few").bytes());

/** What rbtool says of an input, in its one line. */
async function said(file: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, file);
  writeFileSync(path, content, typeof content === "string" ? "latin1" : undefined);
  const { status, stdout, stderr } = await rbtool(["inspect", path]);
  expect([status, stdout]).toEqual([3, ""]);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  return stderr;
}

/** Lines of so many bytes each. */
function lines(size: number, line: (address: number, bytes: Buffer) => string): string {
  let text = "";
  for (let at = 0; at < IMAGE.length; at += size) text += `${line(at, IMAGE.subarray(at, at + size))}\n`;
  return text;
}

const digits = (value: number, width: number): string => value.toString(16).padStart(width, "0");
const tokens = (bytes: Buffer, size: number): string[] =>
  bytes.toString("hex").match(new RegExp(`.{${2 * size}}`, "g"))!;
/** Dots for what cannot be printed, as listings have it at the end of a line. */
const shown = (bytes: Buffer): string => bytes.toString("latin1").replace(/[^ -~]/g, ".");
const hexdump = lines(16, (at, bytes) => {
  const [left, right] = [bytes.subarray(0, 8), bytes.subarray(8)].map((half) => tokens(half, 1).join(" "));
  return `${digits(at, 8)}  ${left}  ${right}  |${shown(bytes)}|`;
});

const xxd = lines(16, (at, bytes) => `${digits(at, 8)}: ${tokens(bytes, 2).join(" ")}  ${shown(bytes)}`);
/** Equal lines as hexdump leaves them out. */
const shortened = hexdump
  .split("\n")
  .map((line, i, all) => (i > 0 && line.slice(8) === all[i - 1]!.slice(8) ? "*" : line))
  .filter((line, i, all) => line !== "*" || all[i - 1] !== "*")
  .join("\n");

test.each([
  ["xxd", xxd],
  ["xxd, from a machine with other line ends", xxd.replaceAll("\n", "\r\n")],
  ["hexdump -vC", hexdump],
  ["hexdump -C", `${shortened}${digits(IMAGE.length, 8)}\n`],
  ["od -v -A x -t x1z", lines(16, (at, bytes) => `${digits(at, 6)} ${tokens(bytes, 1).join(" ")}  >${shown(bytes)}<`)],
  [
    "a boot loader's md.b",
    lines(16, (at, bytes) => `${digits(0x80000000 + at, 8)}: ${tokens(bytes, 1).join(" ")}    ${shown(bytes)}`),
  ],
])("%s is read as the bytes that it lists", async (_, text) => {
  const [listed, bytes] = [join(folder, "listed"), join(folder, "bytes")];
  writeFileSync(listed, text, "latin1");
  writeFileSync(bytes, IMAGE);
  const { status, stdout, stderr } = await rbtool(["inspect", listed]);
  expect([status, stderr]).toEqual([
    0,
    `rbtool: ${listed}: a hex listing: read as the ${IMAGE.length} bytes that it lists\n`,
  ]);
  expect(stdout.replaceAll(listed, bytes)).toBe((await rbtool(["inspect", bytes])).stdout);
});

test.each([
  ["a line is missing", xxd.replace(/^00000030.*\n/m, ""), /line 4 of the hex listing does not follow the one before/],
  ["a line is none", xxd.replace(/^00000030.*$/m, "-- more --"), /line 4 of the hex listing is none/],
  [
    "an address far behind",
    `${xxd.slice(0, xxd.indexOf("\n") + 1)}*\nfffffffffffff000: 0000  ..\n`,
    /line 3 of the hex listing is too far/,
  ],
])("a listing in which %s: the line is told", async (_, text, message) => {
  writeFileSync(join(folder, "broken"), text, "latin1");
  const { status, stderr } = await rbtool(["inspect", join(folder, "broken")]);
  expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
});

/** Text that stands for the image, and the program that the told command needs beside the shell. */
test.each([
  ["base64, in lines", "base64", IMAGE.toString("base64").replace(/.{76}/g, "$&\n")],
  ["base64, in one line", "base64", IMAGE.toString("base64")],
  ["xxd -p", "xxd", IMAGE.toString("hex").replace(/.{60}/g, "$&\n")],
  ["hex digits in one line", "xxd", IMAGE.toString("hex").toUpperCase()],
  ["bytes with blanks between", "xxd", lines(32, (_, bytes) => tokens(bytes, 1).join(" "))],
  [
    "gdb's x/8xb",
    "xxd",
    lines(
      8,
      (at, bytes) =>
        `0xffff8881${digits(at, 8)}:\t${tokens(bytes, 1)
          .map((token) => `0x${token}`)
          .join("\t")}`,
    ),
  ],
  ["Intel HEX", "objcopy", objcopied("ihex")],
  ["S-records", "objcopy", objcopied("srec")],
])("%s: what it is, and the command that makes the image of it", async (name, program, text) => {
  const message = await said("it's text", text === "" ? ":10000000EDFEAD0B20001800000008000000000011" : text);
  const command = /not the bytes themselves: run `(.*)`\n$/.exec(message)?.[1];
  expect([name, command]).toEqual([name, expect.stringContaining(`'${join(folder, "it'\\''s text")}'`)]);
  if (text === "" || !has(program)) return;
  const { status, stderr } = spawnSync("sh", ["-c", command!], { cwd: folder, encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  expect(readFileSync(join(folder, "dump.bin")).equals(IMAGE)).toBe(true);
});

/** The image as objcopy writes it; "" where there is no objcopy. */
function objcopied(format: "ihex" | "srec"): string {
  if (!has("objcopy")) return "";
  const [from, to] = [join(folder, "image.bin"), join(folder, format)];
  writeFileSync(from, IMAGE);
  spawnSync("objcopy", ["-I", "binary", "-O", format, from, to]);
  return readFileSync(to, "latin1");
}

test.each([
  [
    "a listing that leaves equal lines out",
    "0000000 feed 0bad 0020 0018 0000 0008 0000 0000\n0000010 2030 0000 0000 0000 0000 0000 0000 0000\n*\n",
    /leaves out equal lines \(`\*`\)/,
  ],
  ["od's octal numbers", "0000000 177355 005655 000040\n0000020 020060 000000 000000\n", /octal listing/],
  ["UTF-8", Buffer.from(IMAGE.toString("latin1"), "utf8"), /`iconv -f UTF-8 -t LATIN1` undoes it/],
  ["replacement characters", Buffer.from(IMAGE.toString("utf8"), "utf8"), /lost most of it: save it again/],
  ["UTF-16", Buffer.from(`\ufeff${IMAGE.toString("hex")}`, "utf16le"), /PowerShell/],
  ["bzip2", "BZh91AY&SY", /`bunzip2` it first/],
  ["perf.data", "PERFILE2", /`perf script` reads it/],
  [
    "kernel.deb",
    "!<arch>\ndebian-binary   ",
    /a package \(\.deb\) or another ar archive: it may tell of a kernel, and holds no trace/,
  ],
  ["kernel.rpm", "\xed\xab\xee\xdb\x03\x00", /a package \(\.rpm\)/],
  ["vmlinux.btf", "\x9f\xeb\x01\x00", /types \(BTF\)/],
  ["events.parquet", "PAR1\x15\x06", /`rbtool sql` queries it/],
  ["a trace file's text", "# tracer: nop\n", /text of a trace file/],
])("%s", async (_, content, what) => {
  expect(await said("other", content)).toMatch(what);
});

test("text of other kinds is not taken for an image's", async () => {
  for (const text of ["root:x:0:0:root:/root:/bin/sh\n".repeat(200), "Some prose without digits. ".repeat(200), "{}"])
    expect(await said("prose", text)).not.toMatch(/not the bytes themselves/);
});

test("locate says what a file is that holds no area", async () => {
  writeFileSync(join(folder, "hex"), IMAGE.toString("hex"));
  const { status, stderr } = await rbtool(["locate", join(folder, "hex")]);
  expect(status).toBe(3);
  expect(stderr).toMatch(/hex: this is hex text, not the bytes themselves: run `xxd -r -p .*`\n$/);
  writeFileSync(join(folder, "listed"), xxd);
  const listed = await rbtool(["locate", join(folder, "listed")]);
  expect(listed.stderr).toMatch(
    /listed: this is a hex listing, not the bytes themselves: run `xxd -r .* > dump.bin`\n$/,
  );
});

test("words that hold no more than letters are not taken for base64", async () => {
  for (const text of ["kernel panic ".repeat(40), "lorem\nipsum\n".repeat(40)])
    expect(await said("words", text)).toMatch(/this is text, not the raw memory/);
});
