import { safeJson, safeText } from "../../ground/safe-text.js";

/** Text that is markup already: made only here and by html`...`. */
export class Markup {
  constructor(readonly text: string) {}
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it is shown: what is not seen or changes what is comes out visibly, nothing is markup. */
export function escaped(text: string): string {
  return text
    .split("\n")
    .map((line) => safeText(line).replace(/[&<>"']/g, (c) => ENTITIES[c]!))
    .join("\n");
}

export type Piece = string | number | Markup | readonly Piece[] | undefined;

/** A template of markup; what is put in is escaped unless it is Markup. */
export function html(strings: TemplateStringsArray, ...values: readonly Piece[]): Markup {
  return new Markup(strings.reduce((out, part, i) => out + textOf(values[i - 1]) + part));
}

function textOf(value: Piece): string {
  if (value === undefined) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(textOf).join("");
  return escaped(String(value));
}

/** JSON that ends no script element, whatever it holds. */
export function jsonForScript(value: unknown): Markup {
  return new Markup(safeJson(value).replace(/[<>&]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`));
}
