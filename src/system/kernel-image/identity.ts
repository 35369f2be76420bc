import { notes } from "../../elf/notes.js";
import { Bytes } from "../../ground/bytes.js";
import { isSince, parseRelease } from "../../ground/release.js";
import type { KernelMemory } from "./memory.js";
import type { ImageSymbols } from "./symbols.js";

const BUILD_ID_NOTE = 3;
/** `Linux version RELEASE (builder) (compiler) #1 SMP ... DATE`; the other text of that beginning is a format. */
const VERSION = /^Linux version ([\x21-\x24\x26-\x7e]{1,128}) \([^\n]*\n?$/s;

/** linux_banner: the release and the whole line. */
export function banner(memory: KernelMemory): { readonly release: string; readonly text: string } | undefined {
  let left = 16;
  for (const at of memory.find("Linux version ")) {
    if (--left < 0) break;
    const text = memory.text(at);
    const release = text === undefined ? undefined : VERSION.exec(text)?.[1];
    if (release !== undefined) return { release, text: text!.trimEnd() };
  }
  return undefined;
}

/** The build ID of the kernel itself: other GNU notes in its file are of the vDSO images. */
export function buildId(memory: KernelMemory, symbols: ImageSymbols | undefined): string | undefined {
  const start = symbols?.place("__start_notes") ?? -1;
  const from = symbols?.addressOf("__start_notes");
  const to = symbols?.addressOf("__stop_notes");
  if (start < 0 || from === undefined || to === undefined) return undefined;
  const size = Number(to - from);
  if (!(size > 0 && memory.has(start, size))) return undefined;
  for (const note of notes(new Bytes(memory.bytes.subarray(start, start + size), memory.abi, start)))
    if (note.owner === "GNU" && note.type === BUILD_ID_NOTE) return Buffer.from(note.description).toString("hex");
  return undefined;
}

/** Machines as `uname -m` names them. */
const ELF_MACHINES: ReadonlyMap<number, string> = new Map([
  [3, "i686"],
  [20, "ppc"],
  [21, "ppc64"],
  [22, "s390x"],
  [40, "arm"],
  [62, "x86_64"],
  [183, "aarch64"],
  [243, "riscv64"],
  [258, "loongarch64"],
]);

/** @param elfMachine e_machine */
export function machineOfElf(elfMachine: number, littleEndian: boolean): string | undefined {
  const name = ELF_MACHINES.get(elfMachine);
  return name === "ppc64" && littleEndian ? "ppc64le" : name;
}

/**
 * How far from its linked addresses a kernel lies where KASLR is off. s390's is linked at 0; since its addresses are no
 * longer physical ones, it is mapped at CONFIG_KERNEL_IMAGE_BASE, of which no file but the configuration tells
 * (startup_kernel(), arch/s390/boot/startup.c, 6.10).
 */
export function distanceWithoutKaslr(machine: string | undefined, release: string | undefined): bigint {
  if (machine !== "s390x") return 0n;
  const version = parseRelease(release ?? "");
  return version === undefined || isSince(version, "6.10.0") ? S390_IMAGE_BASE : 0n;
}

/** Its default (arch/s390/Kconfig), and what distributions have. */
const S390_IMAGE_BASE = 0x3ffe0000000n;
