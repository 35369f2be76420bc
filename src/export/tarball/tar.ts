import type { ArchiveFile } from "../../input/archive/archive-file.js";

const BLOCK = 512;

/** A ustar archive of regular files, all of time 0: the same files make the same bytes. */
export function tarball(files: Iterable<ArchiveFile>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { path, bytes } of files) {
    parts.push(header(path, bytes.length), bytes);
    if (bytes.length % BLOCK > 0) parts.push(new Uint8Array(BLOCK - (bytes.length % BLOCK)));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return Buffer.concat(parts);
}

function header(path: string, size: number): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  block.write(path, 0, 100, "latin1");
  block.write(`0000644\0${"0000000\0".repeat(2)}`, 100, "latin1");
  block.write(`${size.toString(8).padStart(11, "0")}\0${"0".repeat(11)}\0        0`, 124, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}
