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
