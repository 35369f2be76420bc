import { expect, test } from "@jest/globals";
import type { Abi } from "../../src/ground/abi.js";
import { Kallsyms } from "../../src/system/symbols/kallsyms.js";
import { syscallNames } from "../../src/system/syscalls/names.js";
import { BE64, LE32, LE64 } from "../support/formats.js";

const namesOf = (abi: Abi, release?: string, symbol?: string) =>
  syscallNames({
    abi,
    release,
    isX86: false,
    kallsyms: symbol === undefined ? undefined : new Kallsyms(Buffer.from(`ffffffff81000000 T ${symbol}\n`)),
  });

test("each architecture's numbers, known by its symbols or by the release", () => {
  const at = (names: readonly (string | undefined)[], ...numbers: number[]) => numbers.map((nr) => names[nr]);
  expect(at(namesOf(LE64, "7.3.4+deb13-amd64"), 0, 59, 231, 257, 334)).toEqual([
    "read",
    "execve",
    "exit_group",
    "openat",
    "rseq",
  ]);
  expect(at(namesOf(LE64, undefined, "__x64_sys_read"), 217)).toEqual(["getdents64"]);
  expect(at(namesOf(LE64, undefined, "__arm64_sys_read"), 56, 63, 64, 94)).toEqual([
    "openat",
    "read",
    "write",
    "exit_group",
  ]);
  expect(at(namesOf(BE64, undefined, "__s390x_sys_read"), 3, 248, 288)).toEqual(["read", "exit_group", "openat"]);
  expect(at(namesOf(LE64, "7.2.13+deb14-powerpc64le-64k"), 3, 234, 286)).toEqual(["read", "exit_group", "openat"]);
  expect(at(namesOf(LE32, "7.2.13+deb14-armmp-lpae"), 3, 248, 322)).toEqual(["read", "exit_group", "openat"]);
  // Since 424 they are all the same.
  for (const names of [namesOf(LE64, "x86_64"), namesOf(BE64, "s390x"), namesOf(LE32, "armmp")])
    expect(at(names, 424, 437, 454, 470)).toEqual(["pidfd_send_signal", "openat2", "futex_wake", "listns"]);
});

test("nobody guesses where nothing tells the architecture", () => {
  expect(namesOf(LE64)).toEqual([]);
  expect(namesOf(LE32, "6.12.0-custom")).toEqual([]);
});
