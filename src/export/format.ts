import type { PartsOf } from "./parts.js";
import type { WriteExport } from "./sink.js";

/** A format that other programs read. */
export interface ExportFormat {
  readonly name: string;
  /** Of its files. */
  readonly extension: string;
  /** What it is for, in a line. */
  readonly about: string;
  /** It is text, which a terminal can show. */
  readonly text?: true;
  /** What must be known of the writing kernel. */
  readonly needs: "formats" | "nothing";
  /** Loads what writes it: only that of the format which is asked for. */
  load(): Promise<WriteExport>;
  /** The same of a format that is made of parts, which several threads can make. */
  parts?(): Promise<PartsOf>;
}
