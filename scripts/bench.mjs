// How fast, as ratios within one run: absolute times depend on the machine. `npm run bench`; RUNS=15 for more pairs;
// `npm run bench -- scan exports` for parts of it; `-- growth` for how each command grows with the image.
// Needs bash, sha256sum and, for the events, trace-cmd and the images of RBTOOL_DUMPS (default ../shared/dumps).
import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { writeBigImage } from "./bench/big-image.mjs";
import { growth } from "./bench/growth.mjs";
import { compare, compareGrowth, peak, rate, writing } from "./bench/measure.mjs";
import { worstPage } from "./bench/worst-page.mjs";
import { commandLine, misused } from "./usage.mjs";

const { positionals } = commandLine();
const RUNS = Number(process.env.RUNS ?? 7);
const DUMPS = resolve(process.env.RBTOOL_DUMPS ?? "../shared/dumps");
const RBTOOL = [process.execPath, resolve("bin/rbtool.js")];
const PARTS = { start, scan, search, events, exports, memory, torn };
/** Half an hour, so only where it is asked for. */
const LONG = { growth: () => growth(folder) };
const ALL = { ...PARTS, ...LONG };
const unknown = positionals.find((part) => !(part in ALL));
if (unknown !== undefined) misused(`no part ${unknown}: ${Object.keys(ALL).join(", ")}`);
const chosen = positionals.length > 0 ? positionals : Object.keys(PARTS);
const folder = mkdtempSync(join(tmpdir(), "rbtool-bench-"));
try {
  for (const part of chosen) await ALL[part]();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Hostile pages cost bounded time: a search for the worst. */
async function torn() {
  console.log(`the worst torn sub-buffer found: ${(await worstPage()).toFixed(1)} ms (bar 20)`);
}

function start() {
  const image = join(folder, "small.bin");
  writeFileSync(image, gunzipSync(readFileSync("fixtures/dumps/v7.3-read/image.bin.gz")));
  const empty = [process.execPath, "-e", "0"];
  compare("inspect of 512 KiB / node -e 0", [...RBTOOL, "inspect", image], empty, 2, RUNS);
  const real = realImage();
  if (real === undefined) return;
  const first = [...real.ours("events", image), "--head", "1"];
  compare("events --head 1 of 512 KiB, with formats and kallsyms / node -e 0", first, empty, 2.5, RUNS);
  compare("events --head 1 of 64 MiB / node -e 0", [...real.ours("events"), "--head", "1"], empty, undefined, RUNS);
}

function scan() {
  const image = join(folder, "big.bin");
  writeBigImage(image, 2 ** 30);
  compare("inspect of 1 GiB / sha256sum", [...RBTOOL, "inspect", image], ["sha256sum", image], 2, Math.min(RUNS, 5));
  peak("inspect of 1 GiB, peak memory", [...RBTOOL, "inspect", image], 300);
  rmSync(image);
}

/** A search of memory against reading it: the bar is 80 % of cat's rate. */
function search() {
  const memory = join(folder, "memory.bin");
  execFileSync("bash", ["-c", 'head -c 2147483648 /dev/urandom > "$0"', memory]);
  const image = gunzipSync(readFileSync("fixtures/dumps/v7.3-read/image.bin.gz"));
  const fd = openSync(memory, "r+");
  for (const place of [0x1000000, 0x41235000, 0x7ff00000]) writeSync(fd, image, 0, image.length, place);
  closeSync(fd);
  const little = join(folder, "little.bin");
  writeFileSync(little, image);
  const commands = {
    ours: [...RBTOOL, "locate", memory],
    idle: [...RBTOOL, "locate", little],
    theirs: ["cat", memory],
    bytes: 2 ** 31,
  };
  rate("locate in 2 GiB, its rate to that of cat", commands, 0.8, RUNS);
  peak("locate in 2 GiB, peak memory", [...RBTOOL, "locate", memory], 300);
  rmSync(memory);
}

/** What the events of a real image of 64 MiB are read with; undefined where it is not there. */
function realImage() {
  const dump = join(DUMPS, "v7.3-big");
  if (!existsSync(dump)) return console.log(`SKIPPED: needs ${dump}`);
  const { kernel } = JSON.parse(readFileSync(join(dump, "info.json"), "utf8"));
  const system = join(DUMPS, "../kernels", kernel);
  const unpacked = join(folder, "system");
  mkdirSync(unpacked, { recursive: true });
  execFileSync("tar", ["-xzf", join(system, "events.tar.gz"), "-C", unpacked]);
  const image = join(folder, "image.bin");
  writeFileSync(image, gunzipSync(readFileSync(join(dump, "image.bin.gz"))));
  const kallsyms = join(folder, "kallsyms");
  writeFileSync(kallsyms, gunzipSync(readFileSync(join(system, "kallsyms.gz"))));
  const formats = existsSync(join(unpacked, "events")) ? join(unpacked, "events") : unpacked;
  const writer = ["--events", formats, "--kallsyms", kallsyms, "--printk-formats", join(system, "printk_formats")];
  const ours = (command, from = image) => [...RBTOOL, command, ...writer, from];
  const to = (format, from = image) => {
    const out = ["--to", format, "--force", "-o", join(folder, `out.${format}`)];
    return [...RBTOOL, "export", ...writer, ...out, from];
  };
  return { image, ours, to };
}

function events() {
  const real = realImage();
  if (real === undefined) return;
  const { ours, to } = real;
  if (spawnSync("trace-cmd", ["--version"]).error) console.log("events / trace-cmd report: SKIPPED: needs trace-cmd");
  else {
    const [program, ...args] = to("trace.dat");
    execFileSync(program, args, { stdio: "ignore" });
    const report = ["trace-cmd", "report", "-i", join(folder, "out.trace.dat")];
    compare("events of 64 MiB / trace-cmd report", ours("events"), report, 1, RUNS);
  }
  peak("events of 64 MiB, peak memory", ours("events"), 300);
  compare("last of 64 MiB / events", ours("last"), ours("events"), 1, RUNS);
  const page = ["-o", join(folder, "report.html"), "--force"];
  compare("report of 64 MiB / events", [...ours("report"), ...page], ours("events"), 3, Math.min(RUNS, 5));
}

function exports() {
  const real = realImage();
  if (real === undefined) return;
  const { image, to } = real;
  traceDat(image, to);
  compare("export of 64 MiB to perfetto / to ndjson", to("perfetto"), to("ndjson"), 1.5, Math.min(RUNS, 5));
  compare("export of 64 MiB to parquet / to ndjson", to("parquet"), to("ndjson"), 4, Math.min(RUNS, 5));
  compare("export of 64 MiB to arrow / to ndjson", to("arrow"), to("ndjson"), 4, Math.min(RUNS, 5));
}

/** The bar is half the rate of copying. Node's own copying shows how much of the rest is the program's. */
function traceDat(image, to) {
  const out = join(folder, "out.trace.dat");
  const copied = join(folder, "copy");
  const ours = (from) => writing(out, to("trace.dat", from));
  const cp = (from) => writing(copied, ["cp", from, copied]);
  const node = (from) => writing(copied, [process.execPath, resolve("scripts/bench/copy.mjs"), from, copied]);
  const [small, big] = [join(folder, "small.bin"), join(folder, "big.bin")];
  writeBigImage(small, 2 ** 26);
  writeBigImage(big, 2 ** 30);
  const runs = Math.min(RUNS, 5);
  compare("export of 64 MiB to trace.dat / cp", ours(image), cp(image), 2, RUNS);
  compare("export of 1 GiB to trace.dat / cp", ours(big), cp(big), 2, runs);
  compare(
    "export of 1 GiB to trace.dat / the same bytes read and written by node",
    ours(big),
    node(big),
    undefined,
    runs,
  );
  compareGrowth("export to trace.dat / cp, from 64 MiB to 1 GiB: without starting", {
    ours: [ours(big), ours(small)],
    theirs: [cp(big), cp(small)],
    bar: 2,
    runs,
  });
  for (const file of [small, big, copied, out]) rmSync(file, { force: true });
}

function memory() {
  const real = realImage();
  if (real === undefined) return;
  const { to } = real;
  const million = join(folder, "million.bin");
  writeBigImage(million, 50 * 2 ** 20);
  for (const format of ["parquet", "arrow", "speedscope", "firefox"])
    peak(`export of 1,080,000 events to ${format}, peak memory`, to(format, million), 450);
  peak("export of 64 MiB to perfetto, peak memory", to("perfetto"), 300);
  peak("export of 64 MiB to trace.dat, peak memory", to("trace.dat"), 300);
}
