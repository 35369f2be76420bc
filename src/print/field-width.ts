import { fn } from "./library.js";
import type { Conversion } from "./printf.js";

/** A conversion, with width and precision as JavaScript where they come from arguments. */
export type Emitted = Omit<Conversion, "width" | "precision"> & {
  readonly width: string | number;
  readonly precision: string | number;
};

/** A text in its field; a negative width is one from the left (format_decode()). */
export function padded({ left, width }: Emitted, code: string): string {
  if (width === -1) return code;
  if (typeof width === "number") return `${fn.padString}(${code},${width},${left})`;
  return `${fn.padString}(${code},Math.abs(${width}),${left ? "true" : `${width}<0`})`;
}
