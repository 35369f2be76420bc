import { withSafeDivisions } from "./safe-divisions.js";
import { withKnownCalls } from "./unknown-calls.js";

const PRINT = "\nprint fmt: ";

/** What libtraceevent 1.7.1 (its src/event-parse.c) cannot read, and what it reads that means the same. */
const REWRITES: readonly (readonly [pattern: RegExp, instead: string])[] = [
  // It ends a string at a tab, as maple_tree's formats have it.
  [/\t/g, "\\t"],
  // It expects a field for an array, and dies of one from an element on, as firewire's self_id_complete has it: all is shown.
  [
    /__print_array\(\(\(const \w+ \*\)__get_dynamic_array\((\w+)\)\) \+ (\d+), \(__get_dynamic_array_len\(\1\) \/ (\d+)\) - \2, \3\)/g,
    "__print_array(__get_dynamic_array($1), __get_dynamic_array_len($1) / $3, $3)",
  ],
  // The head of a record (struct trace_entry) by the kernel's own name, as mm_shrink_slab_start has it since 7.3. It knows no
  // member of a member: `ent` is what it calls common fields.
  [/\bREC->ent\.(type|flags|preempt_count|pid)\b/g, "REC->common_$1"],
  // A %pUb is of a field, whose address it is anyway.
  [/&(REC->\w*uuid)\b/g, "$1"],
  [/(REC->\w+) \?: /g, "$1 ? $1 : "],
  // The smaller of two, as min() is.
  [
    /\(\{ \w{1,40} (\w{1,40}) = (\([^;]{1,200}\)); \w{1,40} (\w{1,40}) = (\([^;]{1,200}\)); \(\(\1\) < \(\3\) \? \(\1\) : \(\3\)\); \}\)/g,
    "($2 < $4 ? $2 : $4)",
  ],
];

/** A format file as libtraceevent 1.7.1 can read it. */
export function formatForLibtraceevent(file: Uint8Array): Uint8Array {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const from = bytes.indexOf(PRINT);
  if (from < 0) return file;
  const text = bytes.toString("latin1", from + PRINT.length);
  const known = REWRITES.reduce((all, [pattern, instead]) => all.replace(pattern, instead), withKnownCalls(text));
  const mended = withSafeDivisions(known);
  return mended === text ? file : Buffer.from(bytes.toString("latin1", 0, from) + PRINT + mended, "latin1");
}
