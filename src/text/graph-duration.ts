/** trace_find_mark() (kernel/trace/trace_output.c) */
export function overheadMark(ns: number): string {
  if (ns > 1e9) return "$";
  if (ns > 1e8) return "@";
  if (ns > 1e7) return "*";
  if (ns > 1e6) return "#";
  if (ns > 1e5) return "!";
  return ns > 1e4 ? "+" : " ";
}

/** trace_print_graph_duration(): microseconds in seven digits, padded to eight. */
export function graphDuration(ns: bigint): string {
  let text = (ns / 1000n).toString();
  let length = text.length;
  if (length < 7) {
    // snprintf() into min(5, 8 - length) bytes, of which one is its NUL.
    const room = Math.min(5, 8 - length) - 1;
    const digits = (ns % 1000n).toString().padStart(3, "0").slice(0, room);
    text += `.${digits}`;
    length += digits.length + 1;
  }
  return `${text} us ${" ".repeat(Math.max(0, 8 - length))}`;
}
