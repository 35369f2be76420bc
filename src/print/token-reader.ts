import { FormatError } from "../system/formats/errors.js";
import type { Token } from "./lex.js";

/** A place in a list of tokens. */
export class TokenReader {
  protected at = 0;

  constructor(protected readonly tokens: readonly Token[]) {}

  protected peek(ahead = 0): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)]!;
  }

  protected next(): Token {
    const t = this.tokens[this.at]!;
    if (t.kind !== "end") this.at++;
    return t;
  }

  protected isOp(text: string, ahead = 0): boolean {
    const t = this.peek(ahead);
    return t.kind === "op" && t.text === text;
  }

  protected isWord(text: string, ahead = 0): boolean {
    const t = this.peek(ahead);
    return t.kind === "id" && t.text === text;
  }

  protected accept(text: string): boolean {
    if (!this.isOp(text)) return false;
    this.at++;
    return true;
  }

  protected acceptWord(text: string): boolean {
    if (!this.isWord(text)) return false;
    this.at++;
    return true;
  }

  protected expect(text: string): void {
    if (!this.accept(text)) {
      const t = this.peek();
      throw new FormatError(`${text} expected, not ${describe(t)}`, t.at);
    }
  }

  /** A name; @param what it is, for the error */
  protected word(what: string): string {
    const t = this.next();
    if (t.kind !== "id") throw new FormatError(`${what} is expected`, t.at);
    return t.text;
  }

  /** Skips to the comma that ends this argument, or to the end. */
  protected skipArgument(): void {
    for (let open = 0; ; this.at++) {
      const t = this.peek();
      if (t.kind === "end") return;
      if (t.kind !== "op") continue;
      if (t.text === "(" || t.text === "{" || t.text === "[") open++;
      else if (t.text === ")" || t.text === "}" || t.text === "]") open--;
      else if (t.text === "," && open <= 0) return;
    }
  }

  /** Skips to behind the parenthesis that closes the one just read. */
  protected skipBalanced(): void {
    for (let open = 1; open > 0; ) {
      const t = this.next();
      if (t.kind === "end") throw new FormatError("parenthesis without an end", t.at);
      if (t.kind !== "op") continue;
      if (t.text === "(" || t.text === "{") open++;
      else if (t.text === ")" || t.text === "}") open--;
    }
  }
}

export function describe(t: Token): string {
  switch (t.kind) {
    case "end":
      return "the end";
    case "num":
      return t.value.toString();
    case "chr":
      return "a character";
    case "str":
      return "a string";
    default:
      return t.text;
  }
}
