import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const PAGE = 4096;
/** Where the sub-buffers of each CPU of the real image lie, and how many they are. */
const REAL = [0x3000, 0x42000];
const REAL_COUNT = 62;
/** Bytes of data from which on a writer has left a sub-buffer for the next. */
const FULL = 4000;
/** Nanoseconds, more than the real image lasted. */
const LATER = 10_000_000_000n;
/** sizeof(struct ring_buffer_cpu_meta). */
const META = 32;

/** Writes a full and sound image of `total` bytes: the sub-buffers of a real one over and over, each time later. */
export function writeBigImage(path, total) {
  const real = gunzipSync(readFileSync("fixtures/dumps/v7.3-read/image.bin.gz"));
  const buffersOffset = Number(real.readBigUInt64LE(16));
  const align = (value) => Math.ceil(value / PAGE) * PAGE;
  const end = (nr) => REAL.reduce((at) => align(at + META + 4 * nr) + PAGE * nr, buffersOffset);
  let nr = Math.floor(total / REAL.length / (PAGE + 4));
  while (end(nr) > total) nr--;
  const fd = openSync(path, "w");
  const header = Buffer.from(real.subarray(0, buffersOffset));
  header.writeBigUInt64LE(BigInt(total), 8);
  writeSync(fd, header, 0, header.length, 0);
  let at = buffersOffset;
  for (const pages of REAL.map((from) => oldestFirst(real, from))) {
    const data = align(at + META + 4 * nr);
    const first = 0xffff888000000000n + BigInt(data);
    const meta = Buffer.alloc(META + 4 * nr);
    meta.writeBigUInt64LE(first, 0);
    meta.writeBigUInt64LE(first + BigInt(PAGE), 8);
    meta.writeBigUInt64LE(first + BigInt((nr - 1) * PAGE), 16);
    meta.writeUInt32LE(PAGE, 24);
    meta.writeUInt32LE(nr, 28);
    for (let id = 0; id < nr; id++) meta.writeUInt32LE(id, META + 4 * id);
    writeSync(fd, meta, 0, meta.length, at);
    for (let done = 0; done < nr * PAGE; done += pages.length) {
      writeSync(fd, pages, 0, Math.min(pages.length, nr * PAGE - done), data + done);
      for (let page = 0; page < pages.length; page += PAGE)
        pages.writeBigUInt64LE(pages.readBigUInt64LE(page) + LATER, page);
    }
    at = data + nr * PAGE;
  }
  if (at < total) writeSync(fd, Buffer.alloc(1), 0, 1, total - 1);
  closeSync(fd);
}

/** The full ones of a CPU's sub-buffers, by time. */
function oldestFirst(real, from) {
  const pages = Array.from({ length: REAL_COUNT }, (_, i) => real.subarray(from + i * PAGE, from + (i + 1) * PAGE));
  const time = (page) => page.readBigUInt64LE(0);
  return Buffer.concat(
    pages.filter((page) => page.readUInt32LE(8) >= FULL).sort((a, b) => (time(a) < time(b) ? -1 : 1)),
  );
}
