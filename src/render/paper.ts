import type { ColorChoice, Io } from "../io.js";
import type { DrawTable } from "./bordered-table.js";
import { type Style, styleFor } from "./style.js";

/** What a report is written on: all that a renderer knows of where its text goes. */
export interface Paper {
  /** Columns of the window; undefined where the output is no terminal, and has room for all. */
  readonly columns: number | undefined;
  /** Whether characters beyond ASCII can be shown. */
  readonly unicode: boolean;
  readonly style: Style;
  /** Every column of a table, however narrow the window. */
  readonly wide: boolean;
  /** Draws a table with borders, where these can be shown. */
  readonly bordered?: DrawTable | undefined;
}

/** The same with what draws borders. A terminal alone has them, and it costs a tenth of a quick command's time. */
export async function paperWithBorders(io: Io, options: Parameters<typeof paperFor>[1]): Promise<Paper> {
  const paper = paperFor(io, options);
  if (paper.columns === undefined || !paper.unicode || paper.wide) return paper;
  const { drawBordered } = await import("./bordered-table.js");
  return { ...paper, bordered: drawBordered };
}

/** The paper of standard output. */
export function paperFor(io: Io, options: { readonly color: ColorChoice; readonly wide?: boolean | undefined }): Paper {
  return {
    columns: io.columns,
    unicode: showsUnicode(io),
    style: styleFor(io, options.color),
    wide: options.wide === true,
  };
}

/** As the C library reads the locale: the first of these that is not empty. Without any, a terminal shows UTF-8. */
function showsUnicode({ env, columns }: Io): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG;
  return locale ? /utf-?8/i.test(locale) : columns !== undefined;
}
