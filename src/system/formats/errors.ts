/** Why a format file, or the print format in it, could not be used. Names what was met and where in the text. */
export class FormatError extends Error {
  override readonly name = "FormatError";
  /** @param at character position in the text that was being read */
  constructor(
    message: string,
    readonly at = -1,
  ) {
    super(at < 0 ? message : `${message} (at character ${at})`);
  }
}

/** Named bounds on what is believed of a format file. Real ones stay far below. */
export const MAX_FORMAT_TEXT = 1024 * 1024;
export const MAX_EXPRESSION_DEPTH = 256;
export const MAX_TOKENS = 200_000;
export const MAX_FIELDS = 1024;
/** A name of an event or a field: user_events have all of an event's description in so many bytes (MAX_EVENT_DESC, 6.12 to 7.3). */
export const MAX_NAME = 512;
/** What a print format writes itself, padding too: twice what a kernel's trace_seq has room for; real ones have 570. */
export const MAX_OWN_TEXT = 16_384;
/** Conversions of a print format; real ones have less than 100. */
export const MAX_CONVERSIONS = 1024;
/** Strings of a probe's argument (MAX_ARRAY_LEN, kernel/trace/trace_probe.h, 6.12 to 7.3). */
export const MAX_STRINGS = 64;
/** A record's fields end below this: a ring-buffer event is at most a sub-buffer. */
export const MAX_FIELD_END = 1024 * 1024;
/** What an array, a hex dump or a bitmap may print of one record before it is cut with a marker. */
export const MAX_ELEMENTS = 65536;
/** The kernel's FIELD_WIDTH_MAX is 2^23; a line here is never padded beyond the kernel's trace_seq (8K or a page). */
export const MAX_WIDTH = 8192;
