import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const PAGE = 4096;
const CPUS = 2;
/** Nanoseconds, more than the real image lasted. */
const LATER = 10_000_000_000n;
/** sizeof(struct ring_buffer_cpu_meta). */
const META = 32;

/**
 * Writes a full image of `total` bytes: the header and the sub-buffers of a real one, over and over.
 * @param rising each time later than before, so that all of their events are believed
 */
export function writeBigImage(path, total, rising = false) {
  const real = gunzipSync(readFileSync("fixtures/dumps/v7.3-read/image.bin.gz"));
  const buffersOffset = Number(real.readBigUInt64LE(16));
  const fresh = real.subarray(0x3000, 0x3000 + 62 * PAGE);
  const align = (value) => Math.ceil(value / PAGE) * PAGE;
  const end = (nr) => {
    let at = buffersOffset;
    for (let cpu = 0; cpu < CPUS; cpu++) at = align(at + META + 4 * nr) + PAGE * nr;
    return at;
  };
  let nr = Math.floor(total / CPUS / (PAGE + 4));
  while (end(nr) > total) nr--;
  const fd = openSync(path, "w");
  const header = Buffer.from(real.subarray(0, buffersOffset));
  header.writeBigUInt64LE(BigInt(total), 8);
  writeSync(fd, header, 0, header.length, 0);
  let at = buffersOffset;
  for (let cpu = 0; cpu < CPUS; cpu++) {
    const pages = Buffer.from(fresh);
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
      if (rising && done > 0)
        for (let page = 0; page < pages.length; page += PAGE)
          pages.writeBigUInt64LE(pages.readBigUInt64LE(page) + LATER, page);
      writeSync(fd, pages, 0, Math.min(pages.length, nr * PAGE - done), data + done);
    }
    at = data + nr * PAGE;
  }
  if (at < total) writeSync(fd, Buffer.alloc(1), 0, 1, total - 1);
  closeSync(fd);
}
