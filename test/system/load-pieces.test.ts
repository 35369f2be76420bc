import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, jest, test } from "@jest/globals";

/** Files of a tracefs give no more than a page at a time, these no more than 20 bytes. */
jest.unstable_mockModule("node:fs", () => ({
  ...fs,
  readSync: (fd: number, into: Uint8Array, at: number, length: number, position: number | null) =>
    fs.readSync(fd, into, at, Math.min(length, 20), position),
}));
const { loadContextFiles } = await import("../../src/system/load.js");
const { latin1 } = await import("../../src/ground/latin1.js");

const folder = fs.mkdtempSync(join(tmpdir(), "rbtool-pieces-"));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

test("a format file that comes in pieces, as those of a tracefs do, is read whole", () => {
  const text =
    'name: one\nID: 300\nformat:\n\tfield:int a;\toffset:8;\tsize:4;\tsigned:1;\n\nprint fmt: "%d", REC->a\n';
  fs.mkdirSync(join(folder, "sys/one"), { recursive: true });
  fs.writeFileSync(join(folder, "sys/one/format"), text);
  const { formats } = loadContextFiles({ events: folder });
  expect(formats.map(({ bytes }) => latin1(bytes))).toEqual([text]);
});
