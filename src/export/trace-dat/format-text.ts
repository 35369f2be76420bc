import { STRING_CHOICES } from "../../print/string-choices.js";
import { EDAC_ERRORS } from "../../print/subsystems/edac.js";
import { withSafeDivisions } from "./safe-divisions.js";

const PRINT = "\nprint fmt: ";

/** An argument, with parentheses inside it as deep as formats have them. */
const ARGUMENT = String.raw`(?:[^(),]|\((?:[^()]|\([^()]*\))*\))+`;

const CHOICE = new RegExp(String.raw`\b(${[...STRING_CHOICES.keys()].join("|")})\((${ARGUMENT})\)`, "g");
const EDAC_SYMBOLS = EDAC_ERRORS.map((name, i) => `{ ${i}, "${name}" }`).join(", ");
const MINIMUM = new RegExp(
  String.raw`\(\{ \w+ (\w+) = (${ARGUMENT}); \w+ (\w+) = (${ARGUMENT}); \(\(\1\) < \(\3\) \? \(\1\) : \(\3\)\); \}\)`,
  "g",
);

/**
 * What libtraceevent 1.7.1 does not know, dies of, or reads as something else, and what it knows that means the same (its
 * src/event-parse.c).
 */
const REWRITES: readonly (readonly [pattern: RegExp, instead: string | ((...match: string[]) => string)])[] = [
  // It ends a string at a tab as maple_tree's formats have it.
  [/\t/g, "\\t"],
  // It expects a field for an array, and dies of one from an element on, as firewire's self_id_complete has it: all is shown.
  [
    /__print_array\(\(\(const \w+ \*\)__get_dynamic_array\((\w+)\)\) \+ (\d+), \(__get_dynamic_array_len\(\1\) \/ (\d+)\) - \2, \3\)/g,
    "__print_array(__get_dynamic_array($1), __get_dynamic_array_len($1) / $3, $3)",
  ],
  // Its __print_array() prints decimal numbers.
  [/__print_dynamic_array\((\w+), 1\)/g, "__print_hex(__get_dynamic_array($1), __get_dynamic_array_len($1))"],
  [
    new RegExp(String.raw`__print_dynamic_array\((\w+), (${ARGUMENT})\)`, "g"),
    "__print_array(__get_dynamic_array($1), __get_dynamic_array_len($1) / $2, $2)",
  ],
  // A synthetic event's stack: how many entries it has, then these.
  [
    /__get_stacktrace\((\w+)\)/g,
    "__print_array(__get_dynamic_array($1), __get_dynamic_array_len($1) / sizeof(long), sizeof(long))",
  ],
  // landlock's, which print odd characters as escapes.
  [/__trace_print_untrusted_str\(p, (__get_str\(\w+\)), __get_dynamic_array_len\(\w+\) - 1\)/g, "$1"],
  // The head of a record (struct trace_entry) by the kernel's own name, as mm_shrink_slab_start has it since 7.3. It knows no
  // member of a member: `ent` is what it calls common fields.
  [/\bREC->ent\.(type|flags|preempt_count|pid)\b/g, "REC->common_$1"],
  // A %pUb is of a field, whose address it is anyway.
  [/&(REC->\w*uuid)\b/g, "$1"],
  // xen's page table entries without paravirtualisation.
  [/\b(p[tmu4g]e?d?)_val\(native_make_\1\((REC->\w+)\)\)/g, "$2"],
  [/(REC->\w+) \?: /g, "$1 ? $1 : "],
  [CHOICE, (_, name, e) => `((${e}) ? "${STRING_CHOICES.get(name!)!.join('" : "')}")`],
  [
    new RegExp(String.raw`\bmc_event_error_type\((${ARGUMENT})\)`, "g"),
    (_, e) => `__print_symbolic(${e}, ${EDAC_SYMBOLS})`,
  ],
  [MINIMUM, "($2 < $4 ? $2 : $4)"],
];

/** A format file as libtraceevent 1.7.1 can read it. */
export function formatForLibtraceevent(file: Uint8Array): Uint8Array {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const from = bytes.indexOf(PRINT);
  if (from < 0) return file;
  const text = bytes.toString("latin1", from + PRINT.length);
  const known = REWRITES.reduce((all, [pattern, instead]) => all.replace(pattern, instead as string), text);
  const mended = withSafeDivisions(known);
  return mended === text ? file : Buffer.from(bytes.toString("latin1", 0, from) + PRINT + mended, "latin1");
}
