/** A file for an archive: 0o100644 without a mode. */
export interface CpioFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode?: number;
}

/** cpio(5), "newc": numbers of eight hexadecimal digits; names and contents padded to four bytes, all of it to a block. */
export function cpioOf(files: readonly CpioFile[]): Buffer {
  const padded = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  const entry = ({ path, bytes, mode = 0o100644 }: CpioFile): Buffer => {
    const numbers = [1, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, path.length + 1, 0];
    const head = `070701${numbers.map((n) => n.toString(16).padStart(8, "0")).join("")}${path}\0`;
    return Buffer.concat([padded(Buffer.from(head)), padded(bytes)]);
  };
  const trailer = { path: "TRAILER!!!", bytes: Buffer.alloc(0), mode: 0 };
  return Buffer.concat([...[...files, trailer].map(entry), Buffer.alloc(64)]);
}
