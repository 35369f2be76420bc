import { latin1 } from "../../ground/latin1.js";
import { ModuleSymbols } from "./module-symbols.js";
import { DIGIT, type SymbolGroup, TextGroup, textOf, Unsorted } from "./symbol-groups.js";

/** What kallsyms holds. */
export interface ParsedKallsyms {
  readonly hasSymbols: boolean;
  readonly core: SymbolGroup;
  /** The symbols of all modules; read when first asked for. */
  modules(): ModuleSymbols;
}

/** What the kernel lists as if modules had it, and finds no address in (kprobe_get_kallsym(), ftrace_get_trampoline_kallsym()). */
const LISTED_ONLY: ReadonlySet<string> = new Set(["__builtin__kprobes", "__builtin__ftrace"]);

const NO_MODULE = -1;

const TAB = 9;
const NEWLINE = 10;
const SPACE = 32;

/**
 * Parses kallsyms: lines "address type name[\t[module]]"; lines that are none are passed over. The kernel's own symbols
 * come first and sorted, so they are searched where they lie; a file in another order is parsed line by line.
 */
export function parseKallsyms(file: Uint8Array): ParsedKallsyms {
  const text = new TextGroup(file);
  if (!text.empty && text.sorted()) {
    let modules: ModuleSymbols | undefined;
    return {
      hasSymbols: true,
      core: text,
      modules: () => {
        modules ??= parseLines(file, text.end).modules;
        return modules;
      },
    };
  }
  const { core, modules } = parseLines(file, 0);
  return { hasSymbols: !core.empty || modules.count > 0, core, modules: () => modules };
}

/** Whether a file begins with symbols. */
export function isKallsyms(file: Uint8Array): boolean {
  return /^[0-9a-f]{1,16} \S \S/im.test(latin1(file.subarray(0, 4096)));
}

/** Parses the lines from `start` on. */
function parseLines(file: Uint8Array, start: number): { core: SymbolGroup; modules: ModuleSymbols } {
  const core = new Unsorted(file);
  const listed = new Unsorted(file);
  const owners: number[] = [];
  const types: number[] = [];
  const names = new Map<string, number>();
  const { length } = file;
  // The lines of a module stand together.
  let owner = 0;
  const ownerName = { from: 0, to: 0 };
  for (let at = start; at < length; ) {
    let p = at;
    let hi = 0;
    let lo = 0;
    for (; p < length && p < at + 16; p++) {
      const digit = DIGIT[file[p]!]!;
      if (digit > 15) break;
      hi = (hi << 4) | (lo >>> 28);
      lo = (lo << 4) | digit;
    }
    let end = p;
    if (p > at && p + 3 < length && file[p] === SPACE && file[p + 2] === SPACE && file[p + 3]! > SPACE) {
      const name = p + 3;
      let stop = name;
      // Letters, digits, underscores, dots: all beyond the blanks and the newline.
      while (stop < length && file[stop]! > SPACE) stop++;
      let bracket = stop;
      while (bracket < length && (file[bracket] === TAB || file[bracket] === SPACE)) bracket++;
      end = bracket;
      if (file[bracket] === 91 /* [ */) {
        while (end < length && file[end] !== NEWLINE && file[end] !== 93 /* ] */) end++;
        if (!isSame(file, ownerName, bracket + 1, end)) {
          ownerName.from = bracket + 1;
          ownerName.to = end;
          const module = textOf(file, bracket + 1, end);
          owner = LISTED_ONLY.has(module) ? NO_MODULE : (names.get(module) ?? names.size);
          if (owner !== NO_MODULE) names.set(module, owner);
        }
        // Mapping symbols ($x, .L...) are no symbols to the kernel (is_mapping_symbol()).
        if (owner !== NO_MODULE && file[name] !== 36 && !(file[name] === 46 && file[name + 1] === 76)) {
          listed.add(hi, lo, name, stop);
          owners.push(owner);
          types.push(file[p + 1]!);
        }
      } else core.add(hi, lo, name, stop);
    }
    while (end < length && file[end] !== NEWLINE) end++;
    at = end + 1;
  }
  const order = listed.order();
  return {
    core: core.group(core.order()),
    modules: new ModuleSymbols(
      listed.group(order),
      [...names.keys()],
      Uint32Array.from(order, (i) => owners[i]!),
      Uint8Array.from(order, (i) => types[i]!),
    ),
  };
}

/** Whether a name stands again between two places. */
function isSame(
  file: Uint8Array,
  name: { readonly from: number; readonly to: number },
  from: number,
  to: number,
): boolean {
  if (to - from !== name.to - name.from) return false;
  for (let i = from, j = name.from; i < to; i++, j++) if (file[i] !== file[j]) return false;
  return true;
}
