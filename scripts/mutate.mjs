// Damages real inputs, each in its own way, and holds what must be true of rbtool whatever it is given
// (test/support/mutations/kinds/). A seed says what is damaged and how, so whatever is found can be had again:
//
//   node scripts/mutate.mjs --minutes 10 --totals FILE    goes on where FILE says, and adds to it
//   node scripts/mutate.mjs --kind images --from 4711 --count 1       [--minutes: whichever ends first]
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { commandLine, misused } from "./usage.mjs";

/** Kinds, and what part of the time each is given. */
const SHARES = {
  images: 6,
  memory: 2,
  commands: 5,
  formats: 2,
  kallsyms: 1,
  archives: 2,
  dumps: 2,
  kernels: 2,
  filters: 1,
};
/** Longer than this on one input of at most 1 MiB is a hang. */
const HANG_SECONDS = 60;
/** More than this beside what is there at the beginning is too much, for any of these inputs. */
const TOO_MUCH_MEMORY = 2 * 1024 ** 3;

const { values } = commandLine({
  allowPositionals: false,
  options: {
    kind: { type: "string" },
    from: { type: "string" },
    count: { type: "string" },
    minutes: { type: "string" },
    totals: { type: "string" },
  },
});
if (values.kind !== undefined && !(values.kind in SHARES))
  misused(`no kind ${values.kind}: ${Object.keys(SHARES).join(", ")}`);
const totals = values.totals && existsSync(values.totals) ? JSON.parse(readFileSync(values.totals, "utf8")) : {};
const kinds = values.kind === undefined ? Object.keys(SHARES) : [values.kind];
const allShares = kinds.reduce((sum, kind) => sum + SHARES[kind], 0);
const folder = mkdtempSync(join(tmpdir(), "rbtool-mutate-"));
const outfile = join(folder, "worker.mjs");
await build({
  entryPoints: ["test/support/mutations/worker.ts"],
  outfile,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: "inline",
  logLevel: "error",
  define: { "import.meta.dirname": JSON.stringify(join(process.cwd(), "test/support")) },
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  external: ["@duckdb/node-api"],
});

let found = 0;
try {
  for (const kind of kinds) await turn(kind);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = found > 0 ? 1 : 0;

/** One kind's part of the time; a slice that was killed is gone on with behind the seed that killed it. */
async function turn(kind) {
  const so = totals[kind] ?? { next: 1, tried: 0, found: 0 };
  totals[kind] = so;
  const first = Number(values.from ?? so.next);
  const started = Date.now();
  const minutes = Number(values.minutes ?? (values.count ? Number.POSITIVE_INFINITY : 1));
  const until = started + (minutes * 60_000 * SHARES[kind]) / allShares;
  const end = values.count ? first + Number(values.count) : 2 ** 31 - 1;
  let next = first;
  const before = so.found;
  while (next < end && Date.now() < until) next = await slice({ kind, from: next, count: end - next, until });
  if (values.from === undefined) so.next = next;
  so.tried += next - first;
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(
    `${kind}: seeds ${first} to ${next - 1} in ${seconds} s, ${so.found - before} found; ${so.tried} tried in all`,
  );
  if (values.totals) writeFileSync(values.totals, `${JSON.stringify(totals, null, 2)}\n`);
}

/** Returns the seed to go on with. */
function slice(work) {
  const beat = new Int32Array(new SharedArrayBuffer(4));
  beat[0] = work.from;
  const worker = new Worker(pathToFileURL(outfile), {
    workerData: { ...work, beat },
    execArgv: ["--enable-source-maps"],
  });
  const memory = process.memoryUsage.rss();
  return new Promise((resolve) => {
    let ready = false;
    let [seed, since] = [beat[0], Date.now()];
    const give = (next) => {
      clearInterval(watch);
      resolve(next);
    };
    const kill = async (why) => {
      clearInterval(watch);
      report(work.kind, seed, why);
      await worker.terminate();
      give(seed + 1);
    };
    const watch = setInterval(() => {
      // What is damaged is read first, which takes longer than any seed where other work is done beside.
      if (!ready || beat[0] !== seed) [seed, since] = [beat[0], Date.now()];
      else if (Date.now() - since > HANG_SECONDS * 1000) kill(`no end after ${HANG_SECONDS} s`);
      if (process.memoryUsage.rss() - memory > TOO_MUCH_MEMORY) kill(`more than ${TOO_MUCH_MEMORY} bytes of memory`);
    }, 200);
    worker.on("message", ({ next, seed: bad, error }) => {
      ready = true;
      if (error === undefined && next === undefined) return;
      if (next === undefined) report(work.kind, bad, error);
      else give(next);
    });
    worker.on("error", (error) => {
      if (!ready) throw error;
      report(work.kind, beat[0], error.stack);
      give(beat[0] + 1);
    });
  });
}

function report(kind, seed, what) {
  found++;
  totals[kind].found++;
  console.log(`${kind} seed ${seed}: ${what}`);
}
