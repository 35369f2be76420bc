import type { Emitter } from "./emitter.js";
import { fn } from "./library.js";
import { eightBytes, READY_ROOM, Stamp } from "./text-sink.js";

/** A statement that writes a conversion. */
export interface Written {
  readonly code: string;
  /** It writes to the view `v` from `p` on, and leaves `p` behind; otherwise it writes to the sink. */
  readonly inPlace?: boolean;
}

/** What one statement in place writes at most, with what comes to lie behind its end. */
const PIECE = 32;

/** Behind what has been written to the sink. */
export const READY = "p=W.ready();v=W.view;";

/** A printf as statements: they write to the view `v` of the sink W from `p` on, and leave `p` behind what they wrote. */
export class Statements {
  private readonly all: string[] = [];
  private literal = "";
  /** What may have been written since there was room. */
  private written = 0;

  constructor(private readonly g: Emitter) {}

  text(text: string): void {
    this.literal += text;
  }

  /** Takes back what the text ends with. */
  takeBack(end: string): boolean {
    if (!this.literal.endsWith(end)) return false;
    this.literal = this.literal.slice(0, -end.length);
    return true;
  }

  /** @param risky a record can make it fail: then a word stands in its place */
  add({ code, inPlace }: Written, risky: boolean): void {
    this.flush();
    const statement = inPlace ? code : `W.at=p;${code}${READY}`;
    this.reserve(inPlace ? PIECE : undefined);
    if (!risky) this.all.push(statement);
    else {
      const from = this.g.temp();
      this.all.push(`${from}=p;try{${statement}}catch(x){${fn.failed}(W,R,${from},x);${READY}}`);
    }
  }

  /** Writes the text so far: eight characters at a time, where their bytes are a number. */
  private flush(): void {
    const { literal } = this;
    const { length } = literal;
    this.literal = "";
    if (length === 0) return;
    const eights: string[] = [];
    for (let i = 0; i < length && length <= PIECE; i += 8) {
      const value = eightBytes(literal, i);
      if (value !== undefined) eights.push(`v.setFloat64(p+${i},${value},true);`);
    }
    const whole = eights.length * 8 >= length;
    this.reserve(whole ? PIECE : undefined);
    this.all.push(
      whole ? `${eights.join("")}p+=${length};` : `W.at=p;W.stamp(${this.g.keep(new Stamp(literal))});${READY}`,
    );
  }

  /** Sees that there is room; undefined where the sink does. */
  private reserve(bytes: number | undefined): void {
    if (bytes === undefined) this.written = 0;
    else if (this.written + bytes > READY_ROOM) {
      this.all.push(`W.at=p;${READY}`);
      this.written = bytes;
    } else this.written += bytes;
  }

  toString(): string {
    this.flush();
    return this.all.join("");
  }
}
