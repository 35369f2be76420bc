import { type Abi, alignUp } from "../ground/abi.js";
import { Bytes } from "../ground/bytes.js";
import { MAX_SUBBUF_SIZE, MIN_SUBBUF_SIZE } from "../ground/limits.js";
import { plural } from "../ground/plural.js";
import { ABIS } from "../image/detect/layout-kinds.js";
import type { Source } from "../input/source.js";
import { layoutOf, type StructTable } from "../ring/structs.js";
import { isSoundSubbuf, SubbufReader } from "../ring/subbuf.js";
import { TRACE_BUFFER_META } from "../ring/trace-buffer-meta.js";

/** Sub-buffers that were saved without the area around them. */
export interface BarePages {
  /** As per_cpu/cpuN/trace_pipe_raw gives them, or with the user meta page in front (a mapping of that file). */
  readonly kind: "pages" | "mapping";
  readonly abi: Abi;
  readonly subbufSize: number;
  /** The CPUs' sub-buffers from the oldest on: where each lies in the input. */
  readonly cpus: readonly (readonly number[])[];
}

/** Sub-buffers of an input, by their times. */
interface Timed {
  readonly offset: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** Every page costs memory: so many of the smallest are 4 GiB. */
const MOST_PAGES = 2 ** 20;
/** Of the places that hold something, so many must be sub-buffers. */
const SHARE = 0.9;

/**
 * The sub-buffers in an input that is nothing but sub-buffers. Undefined where it is anything else.
 */
export function barePages(source: Source): BarePages | undefined {
  return mappedPages(source) ?? rawPages(source);
}

function rawPages(source: Source): BarePages | undefined {
  let best: { readonly abi: Abi; readonly subbufSize: number; readonly found: readonly Timed[] } | undefined;
  for (const abi of ABIS) {
    for (let subbufSize = MIN_SUBBUF_SIZE; subbufSize <= Math.min(MAX_SUBBUF_SIZE, source.size); subbufSize *= 2) {
      const found = source.size % subbufSize === 0 ? pagesOf(source, 0, { abi, subbufSize }) : [];
      // Of two sizes with equally many, the larger has fewer places that hold nothing.
      if (found.length > 0 && found.length >= (best?.found.length ?? 0)) best = { abi, subbufSize, found };
    }
  }
  const cpus = best && inCpus(best.found);
  return cpus && { kind: "pages", abi: best!.abi, subbufSize: best!.subbufSize, cpus };
}

/** A mapping of trace_pipe_raw: the user meta page, then the sub-buffers by their ids, which tell nothing of their order. */
function mappedPages(source: Source): BarePages | undefined {
  for (const abi of ABIS) {
    const { offsets, size } = layoutOf(TRACE_BUFFER_META as StructTable, abi);
    const meta = new Bytes(source.probe(0, size), abi);
    if (meta.length < size) return undefined;
    const field = (name: keyof typeof TRACE_BUFFER_META.fields): number =>
      meta.u32((offsets as Record<string, number>)[name]!);
    const [metaSize, subbufSize, count] = [field("meta_page_size"), field("subbuf_size"), field("nr_subbufs")];
    const sized = (value: number) =>
      value >= MIN_SUBBUF_SIZE && value <= MAX_SUBBUF_SIZE && (value & (value - 1)) === 0;
    if (field("meta_struct_len") !== size || !sized(metaSize) || !sized(subbufSize)) continue;
    // A page is as large as the file's end asks for; kernels map whole pages.
    if (alignUp(metaSize + subbufSize * count, metaSize) !== alignUp(source.size, metaSize)) continue;
    const found = pagesOf(source, metaSize, { abi, subbufSize });
    found.sort((a, b) => (a.first < b.first ? -1 : 1));
    return { kind: "mapping", abi, subbufSize, cpus: [found.map(({ offset }) => offset)] };
  }
  return undefined;
}

/** The sound sub-buffers from `start` to the end; none where other things lie among them. */
function pagesOf(
  source: Source,
  start: number,
  { abi, subbufSize }: { readonly abi: Abi; readonly subbufSize: number },
): Timed[] {
  const reader = new SubbufReader(abi, subbufSize);
  const found: Timed[] = [];
  let held = 0;
  for (let offset = start; offset < source.size && found.length < MOST_PAGES; offset += subbufSize) {
    const page = new Bytes(source.read(offset, subbufSize), abi, offset);
    if (page.length < reader.headerSize) break;
    const scan = reader.scan(page);
    if (isSoundSubbuf(scan)) found.push({ offset, first: scan.header.timeStamp, last: scan.lastTime! });
    // What the input begins with decides: a large one is not read through for each size in vain.
    else if (start === 0 && offset === 0) return [];
    else if (scan.header.commit === 0n) continue;
    held++;
    if (held > 8 && found.length < SHARE * held) return [];
  }
  return found.length < SHARE * held ? [] : found;
}

/**
 * The sub-buffers of each CPU. One CPU's files behind each other tell them apart: where time goes back, another begins. In
 * an order that would take more CPUs than the times do, the times decide.
 */
function inCpus(pages: readonly Timed[]): number[][] | undefined {
  const asTheyLie = chainsOf(pages);
  const byTime = chainsOf([...pages].sort((a, b) => (a.first < b.first ? -1 : 1)));
  if (byTime === undefined) return undefined;
  return asTheyLie !== undefined && asTheyLie.length <= byTime.length ? asTheyLie : byTime;
}

/** CPUs that are told apart; a file with more is no such file. */
const MOST_CPUS = 256;

/** What follows in time goes on with the CPU that came last, else with any whose time is past. */
function chainsOf(pages: readonly Timed[]): number[][] | undefined {
  const chains: { readonly offsets: number[]; last: bigint }[] = [];
  let latest: (typeof chains)[number] | undefined;
  for (const { offset, first, last } of pages) {
    const next = latest !== undefined && latest.last <= first ? latest : chains.find((each) => each.last <= first);
    if (next === undefined) chains.push({ offsets: [offset], last });
    else {
      next.offsets.push(offset);
      next.last = last;
    }
    latest = next ?? chains.at(-1);
    if (chains.length > MOST_CPUS) return undefined;
  }
  return chains.map(({ offsets }) => offsets);
}

/** What an input of bare sub-buffers is, and how it is read. */
export function barePagesText({ kind, subbufSize, cpus }: BarePages): string {
  const count = cpus.reduce((sum, pages) => sum + pages.length, 0);
  const what = `${plural(count, "sub-buffer")} of ${subbufSize} bytes with events`;
  const whose = cpus.length === 1 ? "one CPU's" : `${cpus.length} CPUs', told apart by their times`;
  const where =
    kind === "mapping" ? "a mapping of trace_pipe_raw: its meta page, and" : "no area, but what trace_pipe_raw gives:";
  return (
    `${where} ${what}, ${whose} (the oldest is 0:1). The metas, addresses and offsets around them are rbtool's; ` +
    "which CPU wrote them and by which clock, they do not say"
  );
}
