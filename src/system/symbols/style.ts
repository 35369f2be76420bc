/** How a symbol is rendered: %pS (name+offset/size), %ps (name), %pB (a return address: the call before it). */
export type SymbolStyle = "S" | "s" | "B";

/** A symbol's text without its module: `name+0x10/0x20 [module]`. */
export function withoutModule(symbol: string): string {
  return symbol.replace(/ \[[^\]]*\]$/, "");
}
