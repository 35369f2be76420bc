import { deflateSync, gzipSync } from "node:zlib";
import { DecodeError, InputError } from "../../../../src/ground/errors.js";
import { Allowance } from "../../../../src/input/budget.js";
import { archiveFiles } from "../../archive-files.js";
import { cpioOf } from "../../build-cpio.js";
import { rpmOf } from "../../build-rpm.js";
import { fixture } from "../../images.js";
import { holds, type Kind, unlessRefused } from "../kind.js";
import { mutated } from "../mutate.js";

/** What an archive may unpack to here: far more than any of these does when it is sound. */
const ALLOWED = 4 * 1024 * 1024;

/** A tar archive's header, with its checksum made right, and the content. */
function tarOf(files: readonly { readonly path: string; readonly bytes: Uint8Array }[]): Buffer {
  const parts = files.flatMap(({ path, bytes }) => {
    const head = Buffer.alloc(512);
    head.write(path, "latin1");
    head.write("0000644\0", 100, "latin1");
    head.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124, "latin1");
    head.write("        0", 148, "latin1");
    head.write("ustar\0", 257, "latin1");
    signTar(head);
    return [head, bytes, Buffer.alloc(-bytes.length & 511)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

/** Makes the checksum of the first header right, so that damage behind it is met. */
function signTar(head: Uint8Array): void {
  if (head.length < 512) return;
  head.fill(0x20, 148, 156);
  const sum = head.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  head.set(Buffer.from(`${sum.toString(8).padStart(6, "0")}\0 `, "latin1"), 148);
}

function arOf(members: readonly { readonly path: string; readonly bytes: Uint8Array }[]): Buffer {
  const parts = members.flatMap(({ path, bytes }) => [
    Buffer.from(`${path.padEnd(16)}0           0     0     100644  ${String(bytes.length).padEnd(10)}\`\n`),
    bytes,
    Buffer.alloc(bytes.length & 1, 10),
  ]);
  return Buffer.concat([Buffer.from("!<arch>\n"), ...parts]);
}

/** tar, deb, rpm, cpio, and what is packed by gzip or zlib: files, or one line; never more than the allowance. */
export const archives: Kind = {
  name: "archives",
  async prepare() {
    const image = fixture("v7.3-few").bytes().subarray(8000, 12_000);
    const files = ["events/sched/sched_switch/format", "kallsyms", "a", "deep/".repeat(18)].map((path, i) => ({
      path,
      bytes: image.subarray(0, 700 * i + 13),
    }));
    const [tar, cpio] = [tarOf(files), cpioOf(files)];
    const bases = [
      tar,
      gzipSync(tar),
      cpio,
      gzipSync(cpio),
      deflateSync(tar),
      rpmOf(gzipSync(cpio)),
      rpmOf(cpio),
      arOf([
        { path: "debian-binary", bytes: Buffer.from("2.0\n") },
        { path: "data.tar.gz", bytes: gzipSync(tar) },
      ]),
      gzipSync(Buffer.alloc(64 * 1024 * 1024)),
    ];
    return async (dice) => {
      const base = dice.of(bases);
      const bytes = mutated(base, dice);
      if (base === tar && dice.chance(0.7)) signTar(bytes);
      const allowance = new Allowance(ALLOWED);
      await unlessRefused([InputError, DecodeError], async () => {
        const files = await archiveFiles(bytes, allowance);
        const size = files.reduce((sum, file) => sum + file.bytes.length, 0);
        holds(size <= ALLOWED, () => `files of ${size} bytes came out of ${bytes.length}`);
      });
      holds(allowance.left >= 0, "more was unpacked than is allowed");
    };
  },
};
