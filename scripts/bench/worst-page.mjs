// The longest that one torn sub-buffer takes: pages are made up and changed, and what takes longer is kept.
// Prints the worst found; SEED and STEPS choose others.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { build } from "esbuild";

const PAGE = 4096;
const HEADER = 16;
const BAR = 20;

/** Gives the milliseconds that the worst page found took. */
export async function worstPage({ seed = 1, steps = 400 } = {}) {
  const { Explainer, Knowledge, openImage, readingOf } = await load();
  const random = randomOf(seed);
  const bytes = gunzipSync(readFileSync("fixtures/dumps/v7.3-read/image.bin.gz"));
  const pages = readingOf(await openImage(bytes)).cpus.flatMap(({ unread }) => unread);
  const knowledge = new Knowledge();
  for (const { offset, header } of pages) knowledge.learn(viewOf(bytes, offset), true, HEADER, HEADER + header.size);
  const explainer = new Explainer(knowledge, true);
  const { offset, time } = pages[10];
  const torn = { start: HEADER, end: PAGE, committed: PAGE - HEADER, time, unconfirmed: false };
  const bounds = { low: time - 1_000_000n, high: time + 1_000_000n };
  const cost = (page) => {
    const view = viewOf(page, 0);
    const start = process.hrtime.bigint();
    explainer.explain({ ...torn, ...bounds, view });
    return Number(process.hrtime.bigint() - start) / 1e6;
  };
  // Twice and the shorter: a pause of the machine is no cost of the page.
  const sure = (page) => Math.min(cost(page), cost(page));
  const sound = bytes.subarray(offset, offset + PAGE);
  for (let i = 0; i < 200; i++) cost(changed(random, sound));
  let worst = 0;
  for (const make of MAKERS) {
    let page = make(random, sound);
    let most = sure(page);
    for (let i = 0; i < steps; i++) {
      const next = changed(random, page);
      const took = sure(next);
      if (took <= most) continue;
      most = took;
      page = next;
    }
    worst = Math.max(worst, Math.min(most, sure(page)));
  }
  return worst;
}

/** What stands behind the library's door. */
async function load() {
  const source = ["resync/explain", "resync/knowledge", "reading"].map((file) => `export * from "./${file}.js";`);
  const { outputFiles } = await build({
    stdin: { contents: [...source, 'export * from "../image/open.js";'].join("\n"), resolveDir: "src/reading" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`);
}

const viewOf = (bytes, offset) => new DataView(bytes.buffer, bytes.byteOffset + offset, PAGE);

function words(random, of) {
  const page = Buffer.alloc(PAGE);
  for (let at = HEADER; at < PAGE; at += 4) page.writeUInt32LE(of(random) >>> 0, at);
  return page;
}

const MAKERS = [
  // Noise; records that begin at every word; the shortest records; sound bytes, shifted.
  (random) => words(random, () => random() * 2 ** 32),
  (random) => words(random, () => (Math.floor(random() * 28) + 1) | (Math.floor(random() * 4096) << 5)),
  (random) => words(random, () => 2 | (1 << 5)),
  (_, sound) => Buffer.concat([sound.subarray(0, HEADER), sound.subarray(HEADER + 4), Buffer.alloc(4)]),
];

function changed(random, page) {
  const next = Buffer.from(page);
  const runs = 1 + Math.floor(random() * 8);
  for (let i = 0; i < runs; i++) {
    const at = HEADER + 4 * Math.floor((random() * (PAGE - HEADER)) / 4);
    const length = Math.min(PAGE - at, 4 * (1 + Math.floor(random() * 32)));
    const from = 4 * Math.floor((random() * (PAGE - length)) / 4);
    if (random() < 0.5) page.copy(next, at, from, from + length);
    else next.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
  }
  return next;
}

/** mulberry32 */
function randomOf(seed) {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const worst = await worstPage({ seed: Number(process.env.SEED ?? 1), steps: Number(process.env.STEPS ?? 400) });
  console.log(`the worst torn sub-buffer found: ${worst.toFixed(1)} ms (bar ${BAR})`);
}
