import { UsageError } from "../../ground/errors.js";
import { encodeLatin1 } from "../../ground/latin1.js";

/** Comparisons of the kernel's event filters (enum filter_op_ids, kernel/trace/trace_events_filter.c). */
export type FilterOp = "==" | "!=" | "<" | "<=" | ">" | ">=" | "&" | "~";

/** One comparison of a field. */
export interface Predicate {
  readonly kind: "pred";
  readonly field: string;
  /** `.function`: the value names a function; `.ustring`: the field points at a string in user space. */
  readonly modifier: "function" | "ustring" | undefined;
  readonly op: FilterOp;
  readonly value: FilterValue;
}

export type FilterValue =
  | { readonly kind: "number"; readonly value: bigint; readonly text: string }
  | { readonly kind: "string"; readonly text: string }
  /** `CPUS{0,2-3}` */
  | { readonly kind: "cpus"; readonly cpus: ReadonlySet<number> };

export type FilterExpr =
  | Predicate
  | { readonly kind: "and"; readonly a: FilterExpr; readonly b: FilterExpr }
  | { readonly kind: "or"; readonly a: FilterExpr; readonly b: FilterExpr }
  | { readonly kind: "not"; readonly e: FilterExpr };

const MAX_DEPTH = 64;
/** More than a kernel takes: what is written to a filter file is less than a page (event_filter_write()). */
const MAX_PREDICATES = 1000;
const MAX_CPU = 8191;

/** Parses a filter as one writes it to an event's `filter` file. Throws UsageError that points at what is wrong. */
export function parseFilter(text: string): FilterExpr {
  return new Parser(text).whole();
}

class Parser {
  private at = 0;
  private depth = 0;
  private predicates = 0;

  constructor(private readonly text: string) {}

  whole(): FilterExpr {
    const e = this.or();
    this.space();
    if (this.at < this.text.length) this.fail("nothing may follow here but && or ||");
    return e;
  }

  private or(): FilterExpr {
    let e = this.and();
    while (this.accept("||")) e = { kind: "or", a: e, b: this.and() };
    return e;
  }

  private and(): FilterExpr {
    let e = this.unary();
    while (this.accept("&&")) e = { kind: "and", a: e, b: this.unary() };
    return e;
  }

  private unary(): FilterExpr {
    if (++this.depth > MAX_DEPTH) this.fail("nested too deeply");
    try {
      if (this.accept("!")) return { kind: "not", e: this.unary() };
      if (this.accept("(")) {
        const e = this.or();
        if (!this.accept(")")) this.fail("a ) is missing");
        return e;
      }
      return this.predicate();
    } finally {
      this.depth--;
    }
  }

  private predicate(): Predicate {
    if (++this.predicates > MAX_PREDICATES) this.fail(`more than ${MAX_PREDICATES} comparisons`);
    this.space();
    const field = this.match(/[A-Za-z_][A-Za-z0-9_]*/y);
    if (field === undefined) this.fail("a field's name is missing");
    const modifier = this.match(/\.(function|ustring)\b/y)?.slice(1) as Predicate["modifier"];
    if (modifier === undefined && this.text[this.at] === ".") this.fail("only .function and .ustring are known");
    this.space();
    const op = this.match(/==|!=|<=|>=|[<>&~]/y);
    if (op === undefined || this.text.startsWith("&&", this.at - 1))
      this.fail(`${field}: one of == != < <= > >= & ~ is missing`);
    return { kind: "pred", field, modifier, op: op as FilterOp, value: this.value() };
  }

  private value(): FilterValue {
    this.space();
    const quote = this.text[this.at];
    if (quote === '"' || quote === "'") {
      const end = this.text.indexOf(quote, this.at + 1);
      if (end < 0) this.fail(`the closing ${quote} is missing`);
      const text = this.text.slice(this.at + 1, end);
      this.at = end + 1;
      return { kind: "string", text: encodeLatin1(text) };
    }
    const cpus = this.match(/CPUS\{[^}]*\}/y);
    if (cpus !== undefined) return { kind: "cpus", cpus: this.cpuSet(cpus.slice(5, -1)) };
    const number = this.match(/-?(0[xX][0-9a-fA-F]+|[0-9]+)(?![A-Za-z0-9_.*?[])/y);
    if (number !== undefined) {
      const digits = number.replace(/^-/, "");
      const value = BigInt(
        /^0[0-7]+$/.test(digits)
          ? `0o${digits.slice(1)}`
          : /^0[0-9]/.test(digits)
            ? digits.replace(/^0+/, "") || "0"
            : digits,
      );
      // kstrtoull() and kstrtoll() refuse it (parse_pred(), kernel/trace/trace_events_filter.c, 6.12).
      if (value > (number.startsWith("-") ? 1n << 63n : (1n << 64n) - 1n)) this.fail(`${number}: more than 64 bits`);
      return { kind: "number", value: number.startsWith("-") ? -value : value, text: number };
    }
    const word = this.match(/[^\s()&|!"']+/y);
    if (word === undefined) this.fail("a value is missing");
    return { kind: "string", text: encodeLatin1(word) };
  }

  private cpuSet(list: string): ReadonlySet<number> {
    const cpus = new Set<number>();
    for (const part of list.split(",")) {
      const range = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part);
      const first = Number(range?.[1]);
      const last = range?.[2] === undefined ? first : Number(range[2]);
      if (range === null || last < first || last > MAX_CPU)
        this.fail(`${part || "nothing"}: not a CPU or a range of CPUs`);
      for (let cpu = first; cpu <= last; cpu++) cpus.add(cpu);
    }
    return cpus;
  }

  private accept(word: string): boolean {
    this.space();
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private space(): void {
    this.match(/\s*/y);
  }

  private fail(why: string): never {
    const before = this.text.slice(0, this.at);
    throw new UsageError(`${why}, after \`${before.length > 40 ? `...${before.slice(-40)}` : before}\``, "filter");
  }
}
