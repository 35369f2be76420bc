import type { ExportFormat } from "../export/format.js";
import type { Exported } from "../export/sink.js";
import type { Image } from "../image/image.js";
import { imageReport } from "./common.js";

export type ExportReport = ReturnType<typeof exportReport>;

/** The report of `export`, as its JSON document (schemas/export.json). */
export function exportReport(
  image: Image,
  { name }: ExportFormat,
  output: { readonly name: string; readonly size: number },
  { events, shortfalls }: Exported,
) {
  return { schema: "rbtool/export/1" as const, image: imageReport(image), format: name, output, events, shortfalls };
}
