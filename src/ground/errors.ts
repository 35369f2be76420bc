/** A command line that cannot be carried out: one line on stderr, exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** @param about what of the request is at fault, by its name there (`filter`); the command line makes an option of it */
  constructor(
    message: string,
    readonly about?: string,
  ) {
    super(message);
  }
}

/** An input that cannot be read: one line on stderr, exit status 2. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** An output that cannot be written, as on a full disk: one line on stderr, exit status 2. */
export class OutputError extends Error {
  override readonly name = "OutputError";
}

/** The input was read but is no persistent trace buffer: exit status 3. */
export class NotAnImageError extends Error {
  override readonly name = "NotAnImageError";
}

/** A person stopped the work (Ctrl-C): no message. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}

/** Why a piece of the image could not be decoded. */
export type DecodeCode = "truncated" | "bad-value";

/** Thrown by reads of image bytes; caught at the smallest unit that can be given up (a record, a sub-buffer, a CPU). */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
  /**
   * @param offset where in the image, in bytes
   * @param need bytes (or the value) asked for
   * @param have bytes (or the bound) there
   */
  constructor(
    readonly code: DecodeCode,
    readonly offset: number,
    readonly need: number,
    readonly have: number,
  ) {
    super(`${code}: need ${need}, have ${have} (at offset 0x${offset.toString(16)})`);
  }
}
