/** A kallsyms file whose text is written when somebody reads it: a kernel's own has nine megabytes. */
export class SymbolFile {
  private text: Uint8Array | undefined;

  private constructor(
    private readonly write: () => Uint8Array,
    private known: number | undefined,
    /** A running kernel showed it, and may have hidden its addresses. */
    readonly shown: boolean,
  ) {}

  /** What a running kernel showed. */
  static of(bytes: Uint8Array): SymbolFile {
    return new SymbolFile(() => bytes, undefined, true);
  }

  /** What a kernel's own tables say. */
  static made(write: () => Uint8Array, lines: number): SymbolFile {
    return new SymbolFile(write, lines, false);
  }

  get bytes(): Uint8Array {
    this.text ??= this.write();
    return this.text;
  }

  get lines(): number {
    this.known ??= linesOf(this.bytes);
    return this.known;
  }
}

const NEWLINE = 10;

function linesOf(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
