import type { EventField } from "../system/formats/parse-format.js";
import { OVERFLOW } from "./runtime.js";

/**
 * What the kernel writes whole or not at all, and how many bytes must be left behind it: for the NUL of
 * trace_seq_printf(), none for trace_seq_puts() and trace_seq_putc() (kernel/trace/trace_seq.c).
 */
export type SeqWrite = readonly [text: string, spare: 0 | 1];

/**
 * The pieces of a field's value as print_fields() writes it (kernel/trace/trace_output.c).
 * @param length how many bytes a string has
 */
export function seqWrites(f: EventField, text: string, length: number | undefined): SeqWrite[] {
  if (text === OVERFLOW || text.startsWith("<INVALID-")) return [[text, 0]];
  // A string that is not printable: its characters, then their hex.
  if (length !== undefined && text.length > length) {
    const hex = text.slice(length + " (".length, -1);
    return [...characters(text.slice(0, length)), [" (", 0], ...bytes(hex), [")", 0]];
  }
  if (length === undefined && /__(data|rel)_loc/.test(f.type)) return bytes(text);
  if (f.size === 1 && text.startsWith("'")) return both(text, "'c'".length);
  if (f.name === "caller_offs" || f.name === "parent_offs") return both(text, text.search(/\S+ \(-?\d+\)$/));
  return [[text, 1]];
}

const characters = (text: string): SeqWrite[] => Array.from(text, (c): SeqWrite => [c, 0]);

/** Bytes in hex, each by trace_seq_printf(), with trace_seq_putc() between them. */
function bytes(text: string): SeqWrite[] {
  const pieces: SeqWrite[] = [];
  for (let at = 0; at < text.length; at += 3) {
    pieces.push([text.slice(at, at + 2), 1]);
    if (at + 2 < text.length) pieces.push([text.slice(at + 2, at + 3), 0]);
  }
  return pieces;
}

function both(text: string, at: number): SeqWrite[] {
  return at > 0
    ? [
        [text.slice(0, at), 1],
        [text.slice(at), 1],
      ]
    : [[text, 1]];
}
