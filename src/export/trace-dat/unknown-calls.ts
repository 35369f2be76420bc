import { STRING_CHOICES } from "../../print/string-choices.js";
import { EDAC_ERRORS } from "../../print/subsystems/edac.js";

/** A call as libtraceevent knows it, of its arguments; undefined of such as no format has. */
type Instead = (...args: string[]) => string | undefined;

const same: Instead = (e) => `(${e})`;
/** Of a name and a size alone: what is repeated must not grow. */
const array: Instead = (name, size) =>
  /^\w+$/.test(name!) && /^(?:\d+|sizeof\([a-z0-9 ]+\))$/.test(size ?? "")
    ? `__print_array(__get_dynamic_array(${name}), __get_dynamic_array_len(${name}) / ${size}, ${size})`
    : undefined;
const hex: Instead = (name) =>
  /^\w+$/.test(name!) ? `__print_hex(__get_dynamic_array(${name}), __get_dynamic_array_len(${name}))` : undefined;
const EDAC_SYMBOLS = EDAC_ERRORS.map((name, i) => `{ ${i}, "${name}" }`).join(", ");

/** Functions that libtraceevent 1.7.1 does not know (its src/event-parse.c), by what it knows that gives the same. */
const UNKNOWN: ReadonlyMap<string, Instead> = new Map<string, Instead>([
  // Its __print_array() prints decimal numbers.
  ["__print_dynamic_array", (name, size) => (size === "1" || size === "sizeof(u8)" ? hex(name!) : array(name!, size!))],
  // A synthetic event's stack: how many entries it has, then these.
  ["__get_stacktrace", (name) => array(name!, "sizeof(long)")],
  // landlock's, which prints odd characters as escapes.
  ["__trace_print_untrusted_str", (_, string) => string!],
  ["mc_event_error_type", (e) => `__print_symbolic(${e}, ${EDAC_SYMBOLS})`],
  // xen's page table entries, without paravirtualisation.
  ...["pte", "pmd", "pud", "p4d", "pgd"].flatMap((entry): [string, Instead][] => [
    [`${entry}_val`, same],
    [`native_make_${entry}`, same],
  ]),
  ...[...STRING_CHOICES].map(([name, [yes, no]]): [string, Instead] => [name, (e) => `((${e}) ? "${yes}" : "${no}")`]),
]);

const CALL = new RegExp(String.raw`\b(?:${[...UNKNOWN.keys()].join("|")})\(`, "g");
/** Of a longer call none is known. */
const MAX_CALL = 300;

/** C with such calls told otherwise; those in string literals too, which no format has. */
export function withKnownCalls(text: string): string {
  let out = "";
  let done = 0;
  for (const { 0: head, index } of text.matchAll(CALL)) {
    if (index < done) continue;
    const call = argumentsOf(text, index + head.length);
    const instead = call && UNKNOWN.get(head.slice(0, -1))!(...call.args);
    if (call === undefined || instead === undefined) continue;
    out += text.slice(done, index) + withKnownCalls(instead);
    done = call.end;
  }
  return out + text.slice(done);
}

/** The arguments of a call from behind its parenthesis on, and where it ends; undefined where it does not end soon. */
function argumentsOf(text: string, from: number): { args: readonly string[]; end: number } | undefined {
  const args: string[] = [];
  let depth = 0;
  let start = from;
  for (let at = from; at < text.length && at < from + MAX_CALL; at++) {
    const c = text[at]!;
    if (c === "(") depth++;
    else if (c === ")" && depth-- === 0) return { args: [...args, text.slice(start, at).trim()], end: at + 1 };
    else if (c === "," && depth === 0) {
      args.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return undefined;
}
