#!/usr/bin/env node
// Every real image against the event formats of every kernel: none refuses its own, and of another set that it takes, each
// event that the set knows has the right name and text.
//   node scripts/fit-matrix.mjs [DUMPS]     after `npm run bundle`; ONLY=regex narrows the images
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  buildContext,
  eventsJson,
  formatsFit,
  loadContextFiles,
  openImage,
  openTrace,
  writingKernel,
} from "../dist/index.js";
import { commandLine } from "./usage.mjs";

const DUMPS = commandLine().positionals[0] ?? process.env.RBTOOL_DUMPS ?? "../shared/dumps";
const KERNELS = join(DUMPS, "../kernels");
const ONLY = new RegExp(process.env.ONLY ?? "");

const releaseOf = (folder) => folder.replace(/\+case.*/, "");
const sets = new Map(
  readdirSync(KERNELS)
    .filter((folder) => existsSync(join(KERNELS, folder, "events.tar.gz")))
    .map((folder) => [folder, loadContextFiles({ events: join(KERNELS, folder, "events.tar.gz") })]),
);

/** The files of a folder of kernels, their release as the kernel itself would say it. */
function filesOf(folder) {
  const named = ["kallsyms.gz", "printk_formats"].map((name) => join(KERNELS, folder, name));
  const [kallsyms, printkFormats] = named.map((path) => (existsSync(path) ? path : undefined));
  const base = { ...sets.get(folder), release: releaseOf(folder) };
  return loadContextFiles({ ...(kallsyms && { kallsyms }), ...(printkFormats && { printkFormats }) }, base);
}

/** Each event as JSON: name and text among it. */
const eventsOf = (image, writer) =>
  // A piece is valid until the next is asked for.
  Buffer.concat(Array.from(eventsJson(openTrace(image, writer), { lines: true }), (piece) => Buffer.from(piece)))
    .toString("latin1")
    .split("\n");

/** Events that the other set tells otherwise; one that it has no name for, it does not tell. */
const toldOtherwise = (right, other) => other.filter((line, i) => line !== right[i] && isTold(line, right[i])).length;
function isTold(line, right) {
  const [{ event, text }, other] = [JSON.parse(line), JSON.parse(right)];
  return text !== other.text && event !== undefined;
}

const tally = { images: 0, rightRefused: [], pairs: 0, refused: 0, silent: 0, taken: 0, wrong: [] };

/** Takes one set of formats for an image, with the release that its files state or without one. */
function tryOther(image, rightWriter, right, { set, files, stated }) {
  const named = { ...files, ...(stated && { release: releaseOf(set) }) };
  const { formats, release } = buildContext(named, image.layout.abi);
  // All else is the right kernel's: only the formats are of another.
  const other = { ...rightWriter, release, formats: formats.byId, files: named };
  tally.pairs++;
  const fit = formatsFit(image, other);
  if (fit.verdict !== "fits") tally.refused++;
  else if (fit.told === 0) tally.silent++;
  else tally.taken++;
  if (fit.verdict !== "fits") return;
  const count = toldOtherwise(right(), eventsOf(image, { ...other, release: rightWriter.release }));
  if (count > 0)
    tally.wrong.push(
      `${set}${stated ? "" : " without its release"}: ${count} of ${fit.records} events, ${fit.fitting} fit`,
    );
}

for (const name of readdirSync(DUMPS).filter((each) => ONLY.test(each))) {
  const folder = join(DUMPS, name);
  if (!existsSync(join(folder, "image.bin.gz"))) continue;
  const info = JSON.parse(readFileSync(join(folder, "info.json"), "utf8"));
  const own = info.files ?? info.kernel;
  const image = await openImage(gunzipSync(readFileSync(join(folder, "image.bin.gz"))));
  const dynamic = join(folder, "events.tar.gz");
  const files = existsSync(dynamic) ? loadContextFiles({ events: dynamic }, filesOf(own)) : filesOf(own);
  const rightWriter = writingKernel(buildContext(files, image.layout.abi));
  let events;
  const right = () => (events ??= eventsOf(image, rightWriter));
  tally.images++;
  if (formatsFit(image, rightWriter).verdict !== "fits") tally.rightRefused.push(name);
  const before = tally.wrong.length;
  for (const [set, other] of sets)
    if (set !== own || existsSync(dynamic))
      for (const stated of [true, false]) tryOther(image, rightWriter, right, { set, files: other, stated });
  for (const line of tally.wrong.slice(before)) console.log(`${name} with ${line}`);
}
const { images, rightRefused, pairs, refused, silent, taken, wrong } = tally;
console.log(`${images} images; refused their own formats: ${rightRefused.length} ${rightRefused.join(" ")}`);
console.log(
  `${pairs} times another set: ${refused} refused, ${taken} taken, ${silent} told no event; told an event otherwise: ${wrong.length}`,
);
process.exitCode = rightRefused.length + wrong.length > 0 ? 1 : 0;
