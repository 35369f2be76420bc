/** How a symbol is rendered: %pS (name+offset/size), %ps (name), %pB (a return address: the call before it). */
export type SymbolStyle = "S" | "s" | "B";
