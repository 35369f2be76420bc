// How time and memory grow with the image, command by command, as a table. `npm run bench -- growth`;
// COMMANDS=regex and IMAGES=regex choose some of the rows and columns.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { writeBigImage, writeSparseImage } from "./big-image.mjs";

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const FORMATS = "fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz";
/** Longer than any run should take, in milliseconds. */
const PATIENCE = 3_600_000;

/**
 * Full of events as far as a person waits for all of them; beyond that, the rest of the ring is empty. No kernel can use 2 GiB
 * for one CPU: its sizes are ints.
 */
const IMAGES = [
  ["1 MiB", (path) => writeBigImage(path, MIB)],
  ["16 MiB", (path) => writeBigImage(path, 16 * MIB)],
  ["256 MiB", (path) => writeBigImage(path, 256 * MIB)],
  ["1 GiB", (path) => writeBigImage(path, GIB)],
  ["4 GiB", (path) => writeBigImage(path, 4 * GIB, { nrCpus: 16 })],
  ["1 GiB, empty", (path) => writeSparseImage(path, GIB)],
  ["4 GiB, empty", (path) => writeSparseImage(path, 4 * GIB, { nrCpus: 16 })],
  ["16 GiB, empty", (path) => writeSparseImage(path, 16 * GIB, { nrCpus: 16 })],
  ["16 GiB, 64K pages, empty", (path) => writeSparseImage(path, 16 * GIB, { nrCpus: 16, page: 65536 })],
  ["64 MiB, 64K pages", (path) => writeBigImage(path, 64 * MIB, { page: 65536 })],
  ["64 MiB", (path) => writeBigImage(path, 64 * MIB)],
  ["64 MiB, 1,024 CPUs", (path) => writeBigImage(path, 64 * MIB, { nrCpus: 1024 })],
];

const READING = ["--no-live", "--events", FORMATS];
const FORMS = [
  ...["trace.dat", "text", "ndjson", "csv", "perfetto", "collapsed"],
  ...["chrome", "speedscope", "firefox", "arrow", "parquet"],
];
const COMMANDS = {
  inspect: (image) => ["inspect", image],
  "inspect --pages --json": (image) => ["inspect", "--pages", "--json", image],
  stats: (image) => ["stats", ...READING, image],
  events: (image) => ["events", ...READING, image],
  "events --head 1": (image) => ["events", ...READING, "--head", "1", image],
  "events --as-kernel": (image) => ["events", ...READING, "--as-kernel", "-k", "7.3", image],
  check: (image) => ["check", image],
  "check -k 7.3": (image) => ["check", "-k", "7.3", image],
  "recover -k 7.3": (image, out) => ["recover", "-k", "7.3", "--force", "-o", out, image],
  "recover --salvage": (image, out) => ["recover", "--salvage", "--force", "-o", out, image],
  diff: (image) => ["diff", image],
  "mmap-layout": (image) => ["mmap-layout", image],
  "mmap-layout --json": (image) => ["mmap-layout", "--json", image],
  locate: (image) => ["locate", image],
  last: (image) => ["last", ...READING, image],
  latency: (image) => ["latency", ...READING, image],
  timeline: (image) => ["timeline", ...READING, image],
  page: (image) => ["page", "--events", FORMATS, image, "1:@5"],
  "formats --image": (image) => ["formats", FORMATS, "--image", image],
  sql: (image) => ["sql", ...READING, image, "select event, count(*) from events group by event"],
  report: (image, out) => ["report", ...READING, "--force", "-o", out, image],
  // To nowhere: of 4 GiB, some formats make 30.
  ...Object.fromEntries(
    FORMS.map((form) => [`export to ${form}`, (image) => ["export", ...READING, "--to", form, "-o", "-", image]]),
  ),
};

const chosen = (all, pattern) => all.filter(([name]) => new RegExp(pattern ?? "").test(name));

/** Prints a table: a line for each command, CPU seconds and peak MiB in each image's column. */
export function growth(folder) {
  const images = chosen(IMAGES, process.env.IMAGES);
  const commands = chosen(Object.entries(COMMANDS), process.env.COMMANDS);
  const cells = new Map(commands.map(([name]) => [name, []]));
  for (const [label, write] of images) {
    const image = join(folder, "growth.bin");
    write(image);
    for (const [name, words] of commands) {
      const cell = took(folder, words(image, join(folder, "growth.out")));
      console.error(`${label}\t${name}\t${cell}`);
      cells.get(name).push(cell);
    }
    rmSync(image);
  }
  const row = (...columns) => console.log(`| ${columns.join(" | ")} |`);
  row("s of CPU, MiB", ...images.map(([label]) => label));
  row("---", ...images.map(() => "---"));
  for (const [name, columns] of cells) row(name, ...columns);
}

/** One run: what it and its own processes took. */
function took(folder, words) {
  const usage = join(folder, "usage");
  rmSync(usage, { force: true });
  const options = {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: PATIENCE,
    env: { ...process.env, RBTOOL_USAGE: usage, NODE_OPTIONS: `--require=${resolve("scripts/bench/usage.cjs")}` },
  };
  const run = spawnSync(process.execPath, [resolve("bin/rbtool.js"), ...words], options);
  rmSync(join(folder, "growth.out"), { force: true });
  if (run.error?.code === "ETIMEDOUT") return `not done after ${PATIENCE / 1000} s`;
  // Findings are no failure: 1 is what `check` says where a kernel would lose events.
  if (run.status !== 0 && run.status !== 1)
    return `status ${run.status}: ${run.stderr.toString().trim().split("\n")[0]}`;
  const processes = readFileSync(usage, "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(" ").map(Number));
  const cpu = processes.reduce((sum, [time]) => sum + time, 0) / 1e6;
  const memory = Math.max(...processes.map(([, size]) => size)) / 1024;
  return `${cpu < 10 ? cpu.toFixed(2) : cpu.toFixed(0)}, ${memory.toFixed(0)}`;
}
