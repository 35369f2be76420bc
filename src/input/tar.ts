import { InputError } from "../ground/errors.js";
import type { ArchiveFile } from "./archive/archive-file.js";

const BLOCK = 512;
const MAX_NAME = 64 * 1024;

/** The regular files of a tar archive: ustar, GNU long names, pax path records. Stops at the end mark or at the last whole entry. */
export function* tarEntries(archive: Uint8Array): Generator<ArchiveFile> {
  let at = 0;
  let longName: string | undefined;
  while (at + BLOCK <= archive.length) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((b) => b === 0)) return;
    if (!checksumMatches(header)) throw new InputError(`not a tar archive (at offset 0x${at.toString(16)})`);
    const size = octal(header, 124, 12);
    at += BLOCK;
    if (!(size >= 0 && at + size <= archive.length))
      throw new InputError(`tar archive cut short (at offset 0x${at.toString(16)})`);
    const bytes = archive.subarray(at, at + size);
    at += Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[156]!);
    switch (type) {
      case "L":
        longName = text(bytes, 0, Math.min(bytes.length, MAX_NAME));
        continue;
      case "x": {
        const path = paxPath(bytes);
        if (path !== undefined) longName = path;
        continue;
      }
      case "0":
      case "\0":
      case "7": {
        const prefix = text(header, 257, 5) === "ustar" ? text(header, 345, 155) : "";
        const name = text(header, 0, 100);
        yield { path: longName ?? (prefix === "" ? name : `${prefix}/${name}`), bytes };
      }
    }
    longName = undefined;
  }
}

function text(bytes: Uint8Array, at: number, length: number): string {
  let s = "";
  for (let i = at; i < at + length && bytes[i] !== 0 && i < bytes.length; i++) s += String.fromCharCode(bytes[i]!);
  return s;
}

/** A number in octal, or GNU's binary form for big ones. */
function octal(bytes: Uint8Array, at: number, length: number): number {
  if (bytes[at]! & 0x80) {
    let v = bytes[at]! & 0x7f;
    for (let i = 1; i < length; i++) v = v * 256 + bytes[at + i]!;
    return v;
  }
  const digits = text(bytes, at, length).trim();
  return digits === "" ? 0 : /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : -1;
}

function checksumMatches(header: Uint8Array): boolean {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : header[i]!;
  return sum === octal(header, 148, 8);
}

/** The path of a pax header: records "LENGTH key=value\n". */
function paxPath(bytes: Uint8Array): string | undefined {
  const all = text(bytes, 0, Math.min(bytes.length, MAX_NAME));
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(all)?.[1];
}
