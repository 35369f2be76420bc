import { latin1 } from "../../ground/latin1.js";

/** Whether a file begins with strings. */
export function isPrintkFormats(file: Uint8Array): boolean {
  return /^0x[0-9a-f]{1,16} : "/im.test(latin1(file.subarray(0, 4096)));
}

/** Strings of the kernel by address: trace_printk() formats and tracepoint strings. */
export class PrintkFormats {
  private readonly byAddress = new Map<number, Map<number, string>>();
  /** Strings in the file. */
  readonly count: number;

  /**
   * Parses printk_formats: lines `0xADDRESS : "text"`, with the escapes that seq_escape() made
   * (kernel/trace/trace_printk.c t_show()).
   * @param text the file, one character a byte
   */
  constructor(text: string) {
    let count = 0;
    for (const m of text.matchAll(/^0x([0-9a-fA-F]{1,16}) : "((?:\\.|[^"\\])*)"/gms)) {
      const digits = m[1]!.padStart(16, "0");
      const hi = Number.parseInt(digits.slice(0, 8), 16);
      const lo = Number.parseInt(digits.slice(8), 16);
      let byLow = this.byAddress.get(hi);
      if (byLow === undefined) {
        byLow = new Map();
        this.byAddress.set(hi, byLow);
      }
      if (!byLow.has(lo)) byLow.set(lo, unescaped(m[2]!));
      count++;
    }
    this.count = count;
  }

  /** The string at an address of the boot that the file was taken from. */
  get(hi: number, lo: number): string | undefined {
    return this.byAddress.get(hi)?.get(lo);
  }
}

/** The same lines, with the addresses of a boot that KASLR moved by so much. A text of more lines than one begins none. */
export function movedPrintkFormats(text: string, moved: bigint): string {
  if (moved === 0n) return text;
  return text.replace(/^0x([0-9a-f]{1,16})(?= : ")/gm, (_, digits: string) => {
    const address = BigInt.asUintN(64, BigInt(`0x${digits}`) + moved);
    return `0x${address.toString(16)}`;
  });
}

const NAMED: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  e: "\x1b",
};

function unescaped(text: string): string {
  return text.replace(/\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|[\s\S])/g, (_, e: string) => {
    if (e[0] === "x" && e.length > 1) return String.fromCharCode(Number.parseInt(e.slice(1), 16));
    if (/^[0-7]/.test(e)) return String.fromCharCode(Number.parseInt(e, 8) & 0xff);
    return NAMED[e] ?? e;
  });
}
