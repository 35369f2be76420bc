import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { type Image, readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { buildContext, type TraceContext } from "../../src/system/context.js";
import { loadContextFiles } from "../../src/system/load.js";
import { writerFacts } from "../../src/system/writing-kernel.js";
import { traceHeader } from "../../src/text/header.js";
import { KernelLine } from "../../src/text/line.js";
import type { ReaderFacts } from "../../src/text/reading-kernel.js";
import { traceText } from "../../src/text/trace-text.js";
import { openView, type ViewOptions } from "../../src/trace.js";

/** Real images with what their kernels printed: RBTOOL_DUMPS, a folder beside the checkout, or the repository's few. */
const here = fileURLToPath(new URL(".", import.meta.url));
const COLLECTION = resolve(process.env.RBTOOL_DUMPS ?? join(here, "../../../shared/dumps"));
export const DUMPS = existsSync(COLLECTION) ? COLLECTION : resolve(here, "../../fixtures/dumps");
if (DUMPS !== COLLECTION)
  process.stderr.write(`\n*** SKIPPED: no ${COLLECTION}: only fixtures/ is read (set RBTOOL_DUMPS) ***\n\n`);

export interface DumpInfo {
  readonly kernel: string;
  readonly cpus: number;
}

const FIXTURES = resolve(here, "../../fixtures/dumps");

/** The images of DUMPS, and the repository's beside, whose build is at hand. */
export function dumpNames(): string[] {
  const names = [...new Set([...readdirSync(DUMPS), ...readdirSync(FIXTURES)])];
  return names.filter((name) => existsSync(dumpFile(name, "trace.txt.gz")) && hasBuild(name));
}

/** The kernel's own files are there: formats, symbols, strings. */
function hasBuild(name: string): boolean {
  return existsSync(join(DUMPS, "../kernels", dumpInfo(name).kernel, "events.tar.gz"));
}

export function dumpFile(name: string, file: string): string {
  return join(existsSync(join(DUMPS, name)) ? DUMPS : FIXTURES, name, file);
}

export function gunzipped(name: string, file: string): Buffer {
  return gunzipSync(readFileSync(dumpFile(name, file)));
}

export function dumpInfo(name: string): DumpInfo {
  return JSON.parse(readFileSync(dumpFile(name, "info.json"), "utf8")) as DumpInfo;
}

export function openDump(name: string): Image {
  return readImage(new MemorySource(gunzipped(name, "image.bin.gz"), name));
}

/** What the images in fixtures/ name of 7.3.4, whose whole kallsyms is too large to keep there. */
const FEW_SYMBOLS = `ffffffff81000000 T _text
ffffffff81000000 T _stext
ffffffff81382370 T delayed_work_timer_fn
ffffffff813a9300 t hrtick
ffffffff813db480 t dl_task_timer
ffffffff814457c0 t srcu_delay_timer
ffffffff8144e290 t wait_rcu_exp_gp
ffffffff81478020 t hrtimer_wakeup
ffffffff8147ab90 t process_timeout
ffffffff8148c990 T it_real_fn
ffffffff81490c90 t tick_nohz_handler
ffffffff8150d750 t tracing_mark_write
ffffffff8150d890 T __pfx_tracing_set_clock
ffffffff81d46480 t mix_interrupt_randomness
ffffffff81da22b0 t pm_suspend_timer_fn
ffffffff81f88e60 t tcp_orphan_update
ffffffff83200000 B _end
`;

export function dumpContext(name: string, image: Image): TraceContext {
  const { kernel } = dumpInfo(name);
  const build = join(DUMPS, "../kernels", kernel);
  const own = (file: string): string | undefined =>
    existsSync(dumpFile(name, file)) ? dumpFile(name, file) : undefined;
  const cmdlines = own("saved_cmdlines");
  const whole = join(build, "kallsyms.gz");
  const kallsyms = own("kallsyms.gz") ?? (existsSync(whole) ? whole : undefined);
  const files = loadContextFiles({
    events: join(build, "events.tar.gz"),
    printkFormats: join(build, "printk_formats"),
    release: kernel,
    ...(kallsyms === undefined ? {} : { kallsyms }),
    ...(cmdlines === undefined ? {} : { cmdlines }),
  });
  files.kallsyms ??= Buffer.from(FEW_SYMBOLS);
  return buildContext(files, image.layout.abi);
}

/** The `trace` file of an image, as text of one character a byte. */
export function traceFile(
  name: string,
  reader: ReaderFacts | undefined,
  options: ViewOptions & { readonly annotate?: boolean } = {},
): string {
  const image = openDump(name);
  return traceFileOf(image, dumpContext(name, image), reader, options);
}

export function traceFileOf(
  image: Image,
  context: TraceContext,
  reader: ReaderFacts | undefined,
  options: ViewOptions & { readonly annotate?: boolean } = {},
): string {
  const view = openView(image, writerFacts(context), { ...options, asKernel: reader });
  const line = new KernelLine(view);
  let text = traceHeader({
    entries: view.entries(),
    written: view.entries(),
    onlineCpus: view.onlineCpus,
    irqInfo: true,
  });
  for (const chunk of traceText({
    merge: view.merge(),
    text: view.text,
    comms: view.comms,
    before: (event, out) => line.before(event, out),
    lost: true,
    cut: reader !== undefined,
    annotate: options.annotate,
  }))
    text += chunk;
  return text;
}

export interface LineCount {
  readonly equal: number;
  readonly total: number;
  readonly differing: readonly { readonly line: number; readonly want: string; readonly got: string }[];
}

/**
 * Lines that are the kernel's. The only thing forgiven: where rbtool prints the mark of a hashed pointer, because the
 * format has a plain %p there, the kernel may have printed the hash.
 */
export function compareLines(want: string, got: string, forgives = forgiven): LineCount {
  const wanted = want.split("\n");
  const lines = got.split("\n");
  const total = Math.max(wanted.length, lines.length) - 1;
  const differing: LineCount["differing"][number][] = [];
  let equal = 0;
  for (let i = 0; i < total; i++) {
    const a = wanted[i] ?? "";
    const b = lines[i] ?? "";
    if (a === b || forgives(a, b)) equal++;
    else if (differing.length < 5) differing.push({ line: i + 1, want: a, got: b });
  }
  return { equal, total, differing };
}

function forgiven(want: string, got: string): boolean {
  if (!got.includes("ptrval")) return false;
  const pattern = got
    .split(/(\(____ptrval____\)|\(ptrval\))/)
    .map((part) => {
      if (part === "(____ptrval____)") return "(?:\\(____ptrval____\\)|[0-9a-f]{16})";
      if (part === "(ptrval)") return "(?:\\(ptrval\\)|[0-9a-f]{8})";
      return part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    })
    .join("");
  return new RegExp(`^${pattern}$`).test(want);
}
