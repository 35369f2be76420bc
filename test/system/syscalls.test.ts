import { expect, test } from "@jest/globals";
import type { Abi } from "../../src/ground/abi.js";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { Kallsyms } from "../../src/system/symbols/kallsyms.js";
import { callsByNumber, syscallNames } from "../../src/system/syscalls/names.js";
import { BE64, formatText, LE32, LE64 } from "../support/formats.js";

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

test("an event is named after the kernel's function, which a 32-bit table calls otherwise", () => {
  // As 7.2.13's armmp-lpae wrote them; getuid16, futex and nanosleep are functions, too.
  const written: readonly (readonly [number, string])[] = [
    [24, "getuid16"],
    [52, "umount"],
    [108, "newfstat"],
    [140, "llseek"],
    [162, "nanosleep_time32"],
    [191, "getrlimit"],
    [192, "mmap_pgoff"],
    [197, "fstat64"],
    [199, "getuid"],
    [240, "futex_time32"],
    [263, "clock_gettime32"],
    [265, "clock_nanosleep_time32"],
    [270, "fadvise64_64"],
    [300, "old_semctl"],
    [403, "clock_gettime"],
    [407, "clock_nanosleep"],
    [422, "futex"],
  ];
  const formats = [...written.map(([, call]) => call), "semctl", "nanosleep"].map((call) => callFormat(call));
  const calls = callsByNumber(namesOf(LE32, "7.2.13+deb14-armmp-lpae"), formats);
  expect(written.map(([number]) => [number, calls[number]])).toEqual(written);
});

test("powerpc's later getrlimit, as 7.2.13 printed it", () => {
  const formats = ["getrlimit", "llseek"].map((call) => callFormat(call));
  const calls = callsByNumber(namesOf(LE64, "7.2.13+deb14-powerpc64le"), formats);
  expect([calls[140], calls[190]]).toEqual(["llseek", "getrlimit"]);
});

test("calls with narrow times are those of other programs where a table has no wide ones", () => {
  const formats = ["futex", "futex_time32"].map((call) => callFormat(call));
  expect(callsByNumber(namesOf(LE64, "7.3.4+deb13-amd64"), formats)[202]).toBe("futex");
});

test("calls whose functions an architecture names its own way, as 7.2.13 printed them", () => {
  const numbers = (abi: Abi, release: string, calls: Readonly<Record<number, string>>): void => {
    const found = callsByNumber(
      namesOf(abi, release),
      Object.values(calls).map((call) => callFormat(call)),
    );
    expect(Object.keys(calls).map((nr) => [nr, found[Number(nr)]])).toEqual(Object.entries(calls));
  };
  const s390 = { 22: "oldumount", 52: "umount", 90: "old_mmap", 117: "s390_ipc", 136: "s390_personality" };
  numbers(BE64, "7.2.13+deb14-s390x", { ...s390, 253: "fadvise64_64" });
  numbers(LE64, "7.2.13+deb14-cloud-arm64", { 39: "umount", 92: "arm64_personality", 223: "fadvise64_64" });
  numbers(LE64, "7.2.13+deb14-powerpc64le", { 52: "umount", 136: "ppc64_personality", 233: "fadvise64" });
});

test("numbers that only 32-bit programs have are no call's", () => {
  const calls = ["getrlimit", "select", "umount", "rt_sigtimedwait"].map((call) => callFormat(call));
  const powerpc = callsByNumber(namesOf(LE64, "7.2.13+deb14-powerpc64le"), calls);
  expect([powerpc[22], powerpc[76], powerpc[82], powerpc[142], powerpc[421]]).toEqual([
    undefined,
    undefined,
    undefined,
    "select",
    undefined,
  ]);
  const arm64 = callsByNumber(namesOf(LE64, "7.2.13+deb14-cloud-arm64"), calls);
  expect([arm64[137], arm64[421]]).toEqual(["rt_sigtimedwait", undefined]);
});

const callFormat = (call: string) => parseFormat(formatText([], '""', `sys_enter_${call}`), LE64, "syscalls");
