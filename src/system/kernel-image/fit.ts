import type { Abi } from "../../ground/abi.js";
import type { Btf } from "../btf.js";
import type { KernelImage } from "./kernel-image.js";
import type { Segment } from "./memory.js";
import { symbolFields } from "./placed-data.js";
import { type RecordSizes, type SampledRecord, sizeFits } from "./record-fit.js";

/** What an image of the buffer says of the boot that wrote it. */
export interface WritingBoot {
  readonly abi: Abi;
  /** The layout is that of 6.15 and later: one boot meta, and a scratch area. */
  readonly hasScratch: boolean;
  /** _text, of the scratch area; undefined before anybody traced, and before 6.15. */
  readonly text: bigint | undefined;
  /** Before 6.15: addresses of one function and one variable of ring_buffer.c. */
  readonly marks: { readonly text: bigint; readonly data: bigint } | undefined;
  /** Modules of the scratch area, in its order. */
  readonly modules: readonly { readonly name: string; readonly address: bigint }[];
  readonly sizes: RecordSizes;
  /** Addresses of functions in records. */
  readonly functions: ReadonlySet<bigint>;
  /** Records of these kinds, oldest first, so many of each kind at most. */
  records?(ids: ReadonlySet<number>, most: number): readonly SampledRecord[];
  /** Words of records of these kinds, each kind's at so many bytes from common_type on. */
  words?(offsets: ReadonlyMap<number, readonly number[]>): ReadonlySet<bigint>;
  /** Where the kernel's own types lay the buffer out in another way than the image has it; undefined where they agree. */
  ringDifference?(types: Btf): string | undefined;
}

export interface Evidence {
  readonly what: string;
  readonly verdict: "fits" | "contradicts";
  readonly text: string;
}

export interface KernelFit {
  /** Whether this kernel wrote the image: proven, not excluded, or excluded. */
  readonly verdict: "fits" | "possible" | "wrong";
  readonly evidence: readonly Evidence[];
  /** By how much the kernel lay behind its linked place (KASLR), where that can be told. */
  readonly moved: bigint | undefined;
}

/** Is this the kernel that wrote the image? Every fact of the image that can tell. */
export function kernelFit(kernel: KernelImage, boot: WritingBoot): KernelFit {
  const evidence: Evidence[] = [];
  const say = (what: string, fits: boolean, text: string): void => {
    evidence.push({ what, verdict: fits ? "fits" : "contradicts", text });
  };
  const { abi } = kernel.memory;
  const same = abi.littleEndian === boot.abi.littleEndian && abi.longSize === boot.abi.longSize;
  say("machine", same, `${abi.longSize * 8}-bit, ${abi.littleEndian ? "little" : "big"}-endian`);
  const version = /^(\d+)\.(\d+)/.exec(kernel.release ?? "");
  if (kernel.types !== undefined && boot.ringDifference !== undefined) {
    const difference = boot.ringDifference(kernel.types);
    say("structs", difference === undefined, difference ?? "its BTF lays the buffer out as the image has it");
  } else if (version !== null) {
    const since = Number(version[1]) * 1000 + Number(version[2]) >= 6015;
    say(
      "layout",
      since === boot.hasScratch,
      `the image's is of ${boot.hasScratch ? "6.15 and later" : "6.12 to 6.14"}`,
    );
  }
  const moved = same ? movedBy(kernel, boot, say) : undefined;
  let proven = boot.marks !== undefined && moved !== undefined;
  if (same) {
    const records = recordFit(kernel, boot.sizes);
    if (records !== undefined) {
      const share = records.fitting / records.all;
      say("records", share > 0.98, `${records.fitting} of ${records.all} have a size that their event can have`);
      proven ||= share > 0.98 && records.all >= 16;
    }
    const functions = functionFit(kernel, boot.functions, moved);
    if (functions !== undefined) {
      const share = functions.fitting / functions.all;
      say(
        "functions",
        share > 0.9,
        `${functions.fitting} of ${functions.all} addresses in records are traceable functions`,
      );
      proven ||= share > 0.9 && functions.all >= 16;
    }
  }
  const callbacks = same ? callbackFit(kernel, boot, moved) : undefined;
  if (callbacks !== undefined && callbacks.all >= MIN_CALLBACKS) {
    const share = callbacks.fitting / callbacks.all;
    say("callbacks", share > 0.5, `${callbacks.fitting} of ${callbacks.all} in records are where functions begin`);
    proven ||= share > 0.9;
  }
  const wrong = evidence.some(({ verdict }) => verdict === "contradicts");
  return { verdict: wrong ? "wrong" : proven ? "fits" : "possible", evidence, moved };
}

/** So many are no chance: a place in the text of another build begins a function one time in ten, if that. */
const MIN_CALLBACKS = 4;
/** What fields of functions that will be called are named (hrtimer_start, timer_start, workqueue_execute_start, rcu_callback). */
const CALLBACK = /^func(?:tion)?$/;

/** Functions that events name as what will be called: unlike the places that call, these begin where a symbol does. */
function callbackFit(
  { events, symbols, memory }: KernelImage,
  { words }: WritingBoot,
  moved: bigint | undefined,
): { readonly fitting: number; readonly all: number } | undefined {
  const first = symbols?.addressOf("_stext");
  const last = symbols?.addressOf("_etext");
  if (symbols === undefined || words === undefined || moved === undefined) return undefined;
  if (first === undefined || last === undefined) return undefined;
  // The functions that ftrace itself meets are told by where they are traced, behind their beginning.
  const others = events.filter(({ event: { system } }) => system !== "ftrace");
  const offsets = symbolFields(others, memory.word, (name) => CALLBACK.test(name));
  let all = 0;
  let fitting = 0;
  for (const address of words(offsets)) {
    const linked = BigInt.asUintN(64, address - moved);
    // Modules' functions lie elsewhere.
    if (linked < first || linked >= last) continue;
    all++;
    // Of a function in Thumb code, the lowest bit is set.
    if (symbols.firstAt(linked) >= 0 || symbols.firstAt(linked & ~1n) >= 0) fitting++;
  }
  return { fitting, all };
}

/** KASLR moves x86 by 2 MiB, others by a page or more. */
function kaslrStep(machine: string | undefined): bigint {
  return machine === "x86_64" || machine === "i686" ? 0x200000n : 0x1000n;
}

function movedBy(
  { symbols, machine, memory }: KernelImage,
  { text, marks }: WritingBoot,
  say: (what: string, fits: boolean, text: string) => void,
): bigint | undefined {
  const step = kaslrStep(machine);
  const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;
  if (text !== undefined) {
    // Where it is no symbol (arm, loongarch), it is where the kernel begins.
    const linked = symbols?.addressOf("_text") ?? lowest(memory.segments);
    if (linked === undefined) return undefined;
    const moved = text - linked;
    const fits = moved % step === 0n;
    say(
      "_text",
      fits,
      `${hex(text)}, linked at ${hex(linked)}${fits ? "" : `: not ${hex(step)} apart, or a multiple of it`}`,
    );
    return fits ? moved : undefined;
  }
  const linkedText = symbols?.addressOf("rb_meta_init_text_addr");
  const linkedData = symbols?.addressOf("rb_data_ptr");
  if (marks === undefined || linkedText === undefined) return undefined;
  const moved = marks.text - linkedText;
  const agrees = linkedData === undefined || marks.data - linkedData === moved;
  const fits = agrees && moved % step === 0n;
  say(
    "text_addr and data_addr",
    fits,
    fits ? `both ${hex(moved)} from where they are linked` : "they are of another kernel",
  );
  return fits ? moved : undefined;
}

function lowest([first, ...others]: readonly Segment[]): bigint | undefined {
  let low = first?.address;
  for (const { address } of others) if (low !== undefined && address < low) low = address;
  return low;
}

/** Records of the kernel's own events; ftrace's vary in length by rules of their own, and modules' numbers are not known here. */
function recordFit(
  { events }: KernelImage,
  sizes: RecordSizes,
): { readonly fitting: number; readonly all: number } | undefined {
  let all = 0;
  let fitting = 0;
  for (const { id, event } of events) {
    if (event.system === "ftrace") continue;
    for (const [size, count] of sizes.get(id) ?? []) {
      all += count;
      if (sizeFits(event, size)) fitting += count;
    }
  }
  return all === 0 ? undefined : { fitting, all };
}

/** __start_mcount_loc..__stop_mcount_loc lists every function that ftrace can trace. */
function functionFit(
  { memory, symbols }: KernelImage,
  functions: ReadonlySet<bigint>,
  moved: bigint | undefined,
): { readonly fitting: number; readonly all: number } | undefined {
  if (functions.size === 0 || moved === undefined) return undefined;
  const start = symbols?.place("__start_mcount_loc") ?? -1;
  const end = symbols?.place("__stop_mcount_loc") ?? -1;
  const first = symbols?.addressOf("_stext");
  const last = symbols?.addressOf("_etext");
  if (start < 0 || end <= start || first === undefined || last === undefined) return undefined;
  const listed = new Set<bigint>();
  for (let at = start; at + memory.word <= end; at += memory.word) listed.add(memory.long(at));
  let all = 0;
  let fitting = 0;
  for (const address of functions) {
    const linked = BigInt.asUintN(64, address - moved);
    // Modules' functions are in other lists.
    if (linked < first || linked >= last) continue;
    all++;
    if (listed.has(linked)) fitting++;
  }
  return all === 0 ? undefined : { fitting, all };
}
