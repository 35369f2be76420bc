import { InputError } from "../../ground/errors.js";
import type { ByteStream } from "../byte-stream.js";
import type { ArchiveFile } from "./archive-file.js";
import type { Member } from "./member.js";

const BLOCK = 512;
const MAX_NAME = 64 * 1024;

/** The regular files of a tar archive: ustar, GNU long names, pax path records. Stops at the end mark or at the last whole entry. */
export function* tarEntries(archive: Uint8Array): Generator<ArchiveFile> {
  const names = new TarNames();
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = headerOf(archive.subarray(at, at + BLOCK), at);
    if (header === "end") return;
    at += BLOCK;
    const { size } = header;
    if (at + size > archive.length) throw cutShort(at);
    const bytes = archive.subarray(at, at + size);
    at += padded(size);
    const path = names.pathOf(header, bytes);
    if (path !== undefined) yield { path, bytes };
  }
}

/** The same of an archive that comes in order. */
export async function* tarMembers(archive: ByteStream): AsyncGenerator<Member> {
  const names = new TarNames();
  for (;;) {
    const block = await archive.take(BLOCK);
    if (block.length < BLOCK) return;
    const header = headerOf(block, archive.position - BLOCK);
    if (header === "end") return;
    const { size } = header;
    const start = archive.position;
    const told = header.type === "L" || header.type === "x" ? await archive.take(Math.min(size, MAX_NAME)) : undefined;
    const path = names.pathOf(header, told);
    if (path !== undefined) yield { path, size, content: archive };
    const left = start + padded(size) - archive.position;
    // Behind the last file the padding may be missing.
    if ((await archive.skip(left)) < left - (padded(size) - size)) throw cutShort(start);
  }
}

export function isTar(start: Uint8Array): boolean {
  return start.length >= BLOCK && checksumMatches(start);
}

interface Header {
  readonly type: string;
  /** Where no entry before it says another. */
  readonly path: string;
  readonly size: number;
}

function headerOf(block: Uint8Array, at: number): Header | "end" {
  if (block.every((b) => b === 0)) return "end";
  if (!checksumMatches(block)) throw new InputError(`not a tar archive (at offset 0x${at.toString(16)})`);
  const size = octal(block, 124, 12);
  if (!(size >= 0 && Number.isSafeInteger(size))) throw cutShort(at + BLOCK);
  const prefix = text(block, 257, 5) === "ustar" ? text(block, 345, 155) : "";
  const name = text(block, 0, 100);
  return { type: String.fromCharCode(block[156]!), path: prefix === "" ? name : `${prefix}/${name}`, size };
}

/** Names that are too long for a header stand in an entry before it. */
class TarNames {
  private longName: string | undefined;

  /** The path of a regular file; of other entries, which may name the next one, undefined. */
  pathOf({ type, path }: Header, content: Uint8Array | undefined): string | undefined {
    const { longName } = this;
    switch (type) {
      case "L":
        if (content !== undefined) this.longName = text(content, 0, Math.min(content.length, MAX_NAME));
        return undefined;
      case "x":
        if (content !== undefined) this.longName = paxPath(content) ?? longName;
        return undefined;
    }
    this.longName = undefined;
    return type === "0" || type === "\0" || type === "7" ? (longName ?? path) : undefined;
  }
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function cutShort(at: number): InputError {
  return new InputError(`tar archive cut short (at offset 0x${at.toString(16)})`);
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
