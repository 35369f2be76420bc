import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const REAL_PAGE = 4096;
const HEADER = 16;
/** Where the sub-buffers of each CPU of the real image lie, and how many they are. */
const REAL = [0x3000, 0x42000];
const REAL_COUNT = 62;
/** What its kernel's events look like. */
const FORMATS = "fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz";
/** The kinds of records from here on are no events (enum ring_buffer_type). */
const PADDING = 29;
/** Bytes of data from which on a writer has left a sub-buffer for the next. */
const FULL = 4000;
/** Nanoseconds, more than the real image lasted. */
const LATER = 10_000_000_000n;
/** sizeof(struct ring_buffer_cpu_meta). */
const META = 32;
/** More than every pid of the real image; 512 times that is PID_MAX_LIMIT. */
const PIDS = 8192;
/** Sub-buffers with events of a CPU whose others are a hole in the file. */
const USED = 6;

/**
 * Writes a full and sound image of `total` bytes: the sub-buffers of a real one over and over, each time later. Two CPUs have
 * the tasks of the real one's two, the next two have others: a task that ran on several CPUs at once would begin and end what
 * no task does, and the more CPUs the more of it.
 */
export function writeBigImage(path, total, { nrCpus = 2, page = REAL_PAGE } = {}) {
  writeImage(path, { total, nrCpus, page, used: Number.POSITIVE_INFINITY });
}

/** The same with events in each CPU's first sub-buffers alone. The rest takes no room on disk. */
export function writeSparseImage(path, total, { nrCpus = 2, page = REAL_PAGE } = {}) {
  writeImage(path, { total, nrCpus, page, used: USED });
}

function writeImage(path, { total, nrCpus, page, used }) {
  const real = gunzipSync(readFileSync("fixtures/dumps/v7.3-read/image.bin.gz"));
  const buffersOffset = Number(real.readBigUInt64LE(16));
  const align = (value) => Math.ceil(value / page) * page;
  const end = (nr) => {
    let at = buffersOffset;
    for (let cpu = 0; cpu < nrCpus; cpu++) at = align(at + META + 4 * nr) + page * nr;
    return at;
  };
  let nr = Math.floor(total / nrCpus / (page + 4));
  while (end(nr) > total) nr--;
  const fd = openSync(path, "w");
  ftruncateSync(fd, total);
  const header = Buffer.from(real.subarray(0, buffersOffset));
  header.writeBigUInt64LE(BigInt(total), 8);
  writeSync(fd, header, 0, header.length, 0);
  const kinds = REAL.map((from) => oldestFirst(real, from));
  const pids = pidsByType();
  let at = buffersOffset;
  for (let cpu = 0; cpu < nrCpus; cpu++) {
    const others = Math.floor(cpu / REAL.length) * PIDS;
    const pages = inPagesOf(
      page,
      kinds[cpu % kinds.length].map((real) => withOtherTasks(real, pids, others)),
    );
    const count = Math.min(nr, used);
    const data = align(at + META + 4 * nr);
    const first = 0xffff888000000000n + BigInt(data);
    const meta = Buffer.alloc(META + 4 * nr);
    meta.writeBigUInt64LE(first, 0);
    meta.writeBigUInt64LE(first + BigInt(page), 8);
    meta.writeBigUInt64LE(first + BigInt((count - 1) * page), 16);
    meta.writeUInt32LE(page, 24);
    meta.writeUInt32LE(nr, 28);
    for (let id = 0; id < nr; id++) meta.writeUInt32LE(id, META + 4 * id);
    writeSync(fd, meta, 0, meta.length, at);
    for (let done = 0; done < count * page; done += pages.length) {
      writeSync(fd, pages, 0, Math.min(pages.length, count * page - done), data + done);
      for (let start = 0; start < pages.length; start += page)
        pages.writeBigUInt64LE(pages.readBigUInt64LE(start) + LATER, start);
    }
    at = data + nr * page;
  }
  closeSync(fd);
}

/** The full ones of a CPU's sub-buffers, by time. */
function oldestFirst(real, from) {
  const pages = Array.from({ length: REAL_COUNT }, (_, i) =>
    real.subarray(from + i * REAL_PAGE, from + (i + 1) * REAL_PAGE),
  );
  const time = (page) => page.readBigUInt64LE(0);
  return pages.filter((page) => page.readUInt32LE(8) >= FULL).sort((a, b) => (time(a) < time(b) ? -1 : 1));
}

/** Their records in sub-buffers of another size, as many behind each other as fit: each goes on from the one before. */
function inPagesOf(size, pages) {
  if (size === REAL_PAGE) return Buffer.concat(pages);
  const each = Math.floor((size - HEADER) / (REAL_PAGE - HEADER));
  const made = [];
  for (let i = 0; i + each <= pages.length; i += each) {
    const records = pages.slice(i, i + each).map((page) => page.subarray(HEADER, HEADER + page.readUInt32LE(8)));
    const header = Buffer.from(pages[i].subarray(0, HEADER));
    const used = records.reduce((sum, { length }) => sum + length, 0);
    header.writeBigUInt64LE(BigInt(used), 8);
    made.push(header, ...records, Buffer.alloc(size - HEADER - used));
  }
  return Buffer.concat(made);
}

/** Where each type of event has pids, in its bytes. */
function pidsByType() {
  const texts = execFileSync("tar", ["-xzOf", FORMATS, "--wildcards", "*/format"], { maxBuffer: 2 ** 26 }).toString();
  const byType = new Map();
  for (const text of texts.split(/^name: /m).slice(1)) {
    const places = [...text.matchAll(/^\tfield:[^;]*pid;\toffset:(\d+);\tsize:4;/gm)].map(([, at]) => Number(at));
    byType.set(Number(/^ID: (\d+)$/m.exec(text)[1]), places);
  }
  return byType;
}

/** A sub-buffer whose tasks have other pids; idle tasks keep 0. */
function withOtherTasks(real, pids, more) {
  const page = Buffer.from(real);
  const end = HEADER + page.readUInt32LE(8);
  for (let at = HEADER; at < end; ) {
    const kind = page[at] & 31;
    const long = kind === 0 || kind === PADDING;
    const data = at + (long ? 8 : 4);
    if (kind < PADDING)
      for (const place of pids.get(page.readUInt16LE(data)) ?? []) {
        const pid = page.readInt32LE(data + place);
        if (pid > 0) page.writeInt32LE(pid + more, data + place);
      }
    at += long ? 4 + page.readUInt32LE(at + 4) : kind < PADDING ? 4 + 4 * kind : 8;
  }
  return page;
}
