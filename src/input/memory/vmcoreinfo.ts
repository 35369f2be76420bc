import type { Source } from "../source.js";

/** The text that a kernel leaves for crash tools: lines `NAME=VALUE` (kernel/vmcore_info.c). */
export class Vmcoreinfo {
  private readonly values = new Map<string, string>();

  constructor(text: string) {
    for (const line of text.split("\n")) {
      const at = line.indexOf("=");
      const name = line.slice(0, at);
      if (at > 0 && !this.values.has(name)) this.values.set(name, line.slice(at + 1));
    }
  }

  text(name: string): string | undefined {
    return this.values.get(name);
  }

  /** The kernel's, as `uname -r` says it. */
  get release(): string | undefined {
    const text = this.text("OSRELEASE");
    return text !== undefined && /^[\x21-\x7e]{1,64}$/.test(text) ? text : undefined;
  }

  hexadecimal(name: string): bigint | undefined {
    const text = this.text(name);
    return text !== undefined && /^(0x)?[0-9a-f]{1,16}$/i.test(text)
      ? BigInt(`0x${text.replace(/^0x/i, "")}`)
      : undefined;
  }

  decimal(name: string): bigint | undefined {
    const text = this.text(name);
    return text !== undefined && /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  }

  /** VMCOREINFO_SYMBOL(): an address. */
  symbol(name: string): bigint | undefined {
    return this.hexadecimal(`SYMBOL(${name})`);
  }
}

/** The kernel that vmcoreinfo names, where a source is a piece of a machine's memory. */
export function releaseInMemory({ machine }: Source): string | undefined {
  return new Vmcoreinfo(machine?.vmcoreinfo ?? "").release;
}
