import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Image, readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { buildContext, type TraceContext } from "../../src/system/context.js";
import { loadContextFiles } from "../../src/system/load.js";
import { SymbolFile } from "../../src/system/symbols/symbol-file.js";
import { writingKernel } from "../../src/system/writing-kernel.js";
import { traceHeader } from "../../src/text/header.js";
import { KernelLine } from "../../src/text/line.js";
import type { ReadingKernel } from "../../src/text/reading-kernel.js";
import { openTrace } from "../../src/trace/open.js";
import type { TraceSpec } from "../../src/trace/spec.js";
import { type Dump, realImages } from "./images.js";
import { traceText } from "./trace-text.js";

/** The images whose kernel's reading and own files are at hand. */
export const textDumps: readonly Dump[] = realImages.filter(
  (dump) => dump.has("trace.txt.gz") && existsSync(join(dump.kernelFiles, "events.tar.gz")),
);

/** A file of one character a byte. */
export function textOf(dump: Dump, file: string): string {
  return Buffer.from(dump.bytes(file)).toString("latin1");
}

export function openDump(dump: Dump): Image {
  return readImage(new MemorySource(dump.bytes(), dump.name));
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

/** What is known of the kernel that wrote the image. */
export function dumpContext(dump: Dump, abi = dump.abi): TraceContext {
  const own = (file: string): string | undefined => (dump.has(file) ? join(dump.path, file) : undefined);
  // Dynamic events have formats of their own.
  const builds = (file: string): string | undefined =>
    existsSync(join(dump.kernelFiles, file)) ? join(dump.kernelFiles, file) : undefined;
  const events = own("events.tar.gz") ?? builds("events.tar.gz");
  const kallsyms = own("kallsyms.gz") ?? builds("kallsyms.gz");
  const printkFormats = builds("printk_formats");
  const cmdlines = own("saved_cmdlines");
  const files = loadContextFiles({
    release: dump.info.kernel,
    ...(events === undefined ? {} : { events }),
    ...(kallsyms === undefined ? {} : { kallsyms }),
    ...(printkFormats === undefined ? {} : { printkFormats }),
    ...(cmdlines === undefined ? {} : { cmdlines }),
  });
  files.kallsyms ??= SymbolFile.of(Buffer.from(FEW_SYMBOLS));
  return buildContext(files, abi);
}

/** The `trace` file of an image, as text of one character a byte. */
export function traceFile(dump: Dump, reader: ReadingKernel | undefined, options: TextOptions = {}): string {
  return traceFileOf(openDump(dump), dumpContext(dump), reader, options);
}

type TextOptions = TraceSpec & { readonly annotate?: boolean };

export function traceFileOf(
  image: Image,
  context: TraceContext,
  reader: ReadingKernel | undefined,
  options: TextOptions = {},
): string {
  const view = openTrace(image, writingKernel(context), { ...options, asKernel: reader });
  const line = new KernelLine(view);
  const started = new Set<number>();
  const header = traceHeader({
    entries: view.entries(),
    written: view.entries(),
    onlineCpus: view.onlineCpus,
    irqInfo: true,
  });
  const lines = traceText({
    events: view.events(),
    text: view.text,
    before: (event, out) => {
      // test_cpu_buff_start(): said of a CPU's first event, where events were overwritten, but for the first of all.
      if (options.annotate && started.size > 0 && !started.has(event.cpu))
        out.text(`##### CPU ${event.cpu} buffer started ####\n`);
      started.add(event.cpu);
      line.before(event, out);
    },
    lost: true,
    cut: reader !== undefined,
  });
  return header + lines;
}

export interface Difference {
  readonly line: number;
  /** Undefined where only the other has a line. */
  readonly want: string | undefined;
  readonly got: string | undefined;
}

export interface LineCount {
  readonly equal: number;
  readonly total: number;
  readonly differing: readonly Difference[];
}

/** How far apart two texts may drift before their lines are compared one by one. */
const DRIFT = 64;

/**
 * Lines that are the kernel's; a line too many or too few does not make those behind it wrong. The only thing forgiven:
 * where rbtool prints the mark of a hashed pointer, because the format has a plain %p there, the kernel may have printed
 * the hash.
 */
export function compareLines(want: string, got: string, forgives = forgiven): LineCount {
  const wanted = want.split("\n").slice(0, -1);
  const lines = got.split("\n").slice(0, -1);
  const telling = (i: number, j: number): boolean => wanted[i] !== undefined && wanted[i].length > 24 && same(i, j);
  const same = (i: number, j: number): boolean => {
    const a = wanted[i];
    const b = lines[j];
    return a !== undefined && b !== undefined && (a === b || forgives(a, b));
  };
  const differing: Difference[] = [];
  let equal = 0;
  let i = 0;
  let j = 0;
  while (i < wanted.length || j < lines.length) {
    if (same(i, j)) {
      equal++;
      i++;
      j++;
      continue;
    }
    const [left, right] = nextSame(i, j, telling);
    for (let k = 0; k < Math.max(left, right); k++)
      differing.push({
        line: i + 1 + Math.min(k, left),
        want: k < left ? wanted[i + k] : undefined,
        got: k < right ? lines[j + k] : undefined,
      });
    i += left;
    j += right;
  }
  return { equal, total: equal + differing.length, differing };
}

/** How many lines of each to pass over until they agree again: on a line that is not like any other. */
function nextSame(i: number, j: number, same: (i: number, j: number) => boolean): [number, number] {
  for (let distance = 1; distance < DRIFT; distance++)
    for (let left = 0; left <= distance; left++)
      if (same(i + left, j + distance - left)) return [left, distance - left];
  return [1, 1];
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
