// Hides images in 2 GiB of noise, look-alikes and stray pages, and says whether `rbtool locate` finds each and nothing else.
// `node scripts/locate-matrix.mjs [SEED]`; images from RBTOOL_DUMPS (default ../shared/dumps), else the fixtures.
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { commandLine } from "./usage.mjs";

const SIZE = 2 ** 31;
const PAGE = 4096;
const CHUNK = 2 ** 24;
let x = Number(commandLine().positionals[0] ?? 1) | 1;
function random() {
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  return x >>> 0;
}

const dumps = [resolve(process.env.RBTOOL_DUMPS ?? "../shared/dumps"), resolve("fixtures/dumps")].find((d) =>
  existsSync(d),
);
const images = readdirSync(dumps)
  .map((name) => ({ name, path: join(dumps, name, "image.bin.gz") }))
  .filter(({ path }) => existsSync(path))
  .map(({ name, path }) => ({ name, bytes: gunzipSync(readFileSync(path)) }))
  .filter(({ bytes }) => bytes.length <= 2 ** 24);

const folder = mkdtempSync(join(tmpdir(), "rbtool-locate-"));
try {
  const memory = join(folder, "memory");
  const fd = openSync(memory, "w");
  const noise = new Uint32Array(CHUNK / 4);
  for (let at = 0; at < SIZE; at += CHUNK) {
    for (let i = 0; i < noise.length; i++) noise[i] = random();
    writeSync(fd, noise, 0, CHUNK, at);
  }
  const expected = [];
  // A stretch of the file for each, and a random page in it: larger pages ask for larger steps.
  const room = Math.floor(SIZE / (images.length + 2) / CHUNK) * CHUNK || CHUNK;
  let start = 0;
  for (const { name, bytes } of images) {
    const at =
      start + PAGE * (1 + (random() % (room > bytes.length ? Math.floor((room - bytes.length) / PAGE / 2) : 1)));
    const aligned = Math.ceil(at / 65536) * 65536;
    writeSync(fd, bytes, 0, bytes.length, aligned);
    expected.push({ name, address: aligned, certainty: "proven" });
    // A header with nothing behind it, a sub-buffer of somebody, a CPU's meta alone.
    const after = aligned + bytes.length + PAGE * (1 + (random() % 16));
    writeSync(fd, bytes, 0, 64, after);
    writeSync(fd, bytes, bytes.length - PAGE, PAGE, after + PAGE);
    start += Math.max(room, Math.ceil((aligned + bytes.length + 64 * PAGE - start) / CHUNK) * CHUNK);
  }
  const half = images.find(({ name }) => name === "v7.3-read");
  if (half !== undefined) {
    // The first half of one, and another over its second.
    writeSync(fd, half.bytes, 0, half.bytes.length, start);
    writeSync(fd, half.bytes, 0, half.bytes.length, start + half.bytes.length / 2);
    expected.push({ name: "first half", address: start, certainty: "likely" });
    expected.push({ name: "over it", address: start + half.bytes.length / 2, certainty: "proven" });
  }
  closeSync(fd);
  const { stdout, stderr } = spawnSync(process.execPath, [resolve("bin/rbtool.js"), "locate", "--json", memory], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (stdout === "") throw new Error(stderr);
  const areas = JSON.parse(stdout).areas.map(({ address, certainty }) => ({ address: Number(address), certainty }));
  const missed = expected.filter(({ address }) => !areas.some((area) => area.address === address));
  const extra = areas.filter(({ address }) => !expected.some((each) => each.address === address));
  const other = expected.filter(({ address, certainty }) =>
    areas.some((area) => area.address === address && area.certainty !== certainty),
  );
  console.log(`${expected.length} hidden, ${areas.length} found; missed ${missed.length}, invented ${extra.length}`);
  for (const { name, address } of missed) console.log(`missed: ${name} at 0x${address.toString(16)}`);
  for (const { address } of extra) console.log(`invented: 0x${address.toString(16)}`);
  for (const { name, certainty } of other) console.log(`${name}: not ${certainty}`);
  process.exitCode = missed.length + extra.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
