import type { KernelMemory } from "./memory.js";
import type { ImageSymbols } from "./symbols.js";

/** printk_formats of this kernel: trace_printk() formats, then tracepoint strings (kernel/trace/trace_printk.c t_show()). */
export function printkFormatsText(memory: KernelMemory, symbols: ImageSymbols): string {
  let out = "";
  for (const section of ["__trace_bprintk_fmt", "__tracepoint_str"]) {
    const start = symbols.place(`__start___${section.slice(2)}`);
    const address = symbols.addressOf(`__start___${section.slice(2)}`);
    const end = symbols.addressOf(`__stop___${section.slice(2)}`);
    if (start < 0 || address === undefined || end === undefined) continue;
    const count = Number((end - address) / BigInt(memory.word));
    for (let i = 0; i < count; i++) {
      const at = start + i * memory.word;
      const text = memory.text(memory.pointer(at));
      if (text !== undefined) out += `0x${memory.long(at).toString(16)} : "${escaped(text)}"\n`;
    }
  }
  return out;
}

function escaped(text: string): string {
  return text.replace(/[\n\t\\"]/g, (c) => (c === "\n" ? "\\n" : c === "\t" ? "\\t" : `\\${c}`));
}
