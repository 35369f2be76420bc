import { expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { writingKernel } from "../../src/system/writing-kernel.js";
import { Dump } from "../support/images.js";
import { dumpContext, traceFileOf } from "../support/kernel-text.js";

/** Records of raw_syscalls in v7.3-read that become a system call's own, with a number: entries and exits by turns. */
const FIRST = 0x1c010;
const ENTRY = 68;
const EXIT = 28;
const CALLS: readonly (readonly [call: string, number: number])[] = [
  ["close", 3],
  ["close", 4],
  ["close", 134],
  ["close", 600],
  ["close", -1],
  ["newfstat", 5],
  ["newfstat", 4],
  ["umount", 166],
  ["close", 166],
  ["sendfile64", 40],
  ["newuname", 63],
  ["fchroot", 472],
  ["fchroot", 471],
  ["close", 472],
];

/** What 7.3.4 printed of them, behind "<...>-140     [000] .....     6.": a real boot of that image. */
const PRINTED = `\
@905124: sys_close(fd: 3)
@905158: sys_close -> 0x50
@905176: 
@905205: @905208: 
@905214: 
@905220: 
@905234: 
@905252: 
@905284: 
@905287: sys_newfstat(fd: 3, statbuf: 0x5bfb41)
@905293: sys_newfstat -> 0x0
@905297: 
@905316: @905325: sys_enter: NR 262 (ffffff9c, 66b1840, 7fff1c65db78, 100, 66b1840, 66b17d0)
@905343: sys_umount -> 0x0
@905353: 
@905366: @905368: sys_sendfile64(out_fd: 3, in_fd: 0x66b9c20, offset: 0x8000, count: 0x100)
@905373: sys_sendfile64 -> 0x0
@905376: sys_newuname(name: 3)
@905385: sys_newuname -> 0x0
@905399: sys_fchroot(fd: 0xffffff9c, flags: 0x66b9900)
@905423: sys_fchroot -> 0x3
@905426: 
@905431: 
@905436: 
@905452: @905461: sys_enter: NR 262 (ffffff9c, 66b1870, 7fff1c65db78, 100, 66b1870, 66b1890)
`;

test("a system call's event with a number of none, or of another call, is printed as the kernel does", () => {
  const dump = new Dump("v7.3-read");
  const bytes = Uint8Array.from(dump.bytes());
  const context = dumpContext(dump);
  const ids = new Map([...writingKernel(context).formats.values()].map(({ name, id }) => [name, id]));
  const view = new DataView(bytes.buffer);
  const turn = (at: number, name: string, number: number) => {
    view.setUint16(at + 4, ids.get(name)!, true);
    view.setInt32(at + 12, number, true);
  };
  CALLS.forEach(([call, number], i) => {
    const entry = FIRST + i * (ENTRY + EXIT);
    // The text of a path would lie behind such a record.
    if (call !== "umount") turn(entry, `sys_enter_${call}`, number);
    turn(entry + ENTRY, `sys_exit_${call}`, number);
  });
  const text = traceFileOf(readImage(new MemorySource(bytes)), context, {
    release: "7.3.4",
    onlineCpus: 2,
    text: undefined,
  });
  const lines = text.replaceAll("           <...>-140     [000] .....     6.", "@");
  const start = lines.indexOf("@905124: ");
  expect(lines.slice(start, lines.indexOf("@905478: ", start))).toBe(PRINTED);
});
