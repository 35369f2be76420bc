import type { FieldShape } from "./parse-format.js";

/*
 * The word of a __data_loc or __rel_loc field, or of one of its strings: where its data begins in the lower half, how long it
 * is in the upper (include/trace/stages/stage5_get_offsets.h, 6.12 to 7.3).
 */

export const START_MASK = 0xffff;
export const LENGTH_SHIFT = 16;

/** From where the word at `at` counts: the record's start, or its own end. */
export function dynamicBase(shape: FieldShape, at: number): number {
  return shape === "rel_loc" ? at + 4 : 0;
}

/** Where the data begins, from its base. */
export function dynamicStart(word: number): number {
  return word & START_MASK;
}

/** Bytes of the data. */
export function dynamicLength(word: number): number {
  return word >>> LENGTH_SHIFT;
}

/** The length as kernels have it that take the word for an int: less than nothing where its top bit is set. */
export function signedLength(word: number): number {
  return (word | 0) >> LENGTH_SHIFT;
}
