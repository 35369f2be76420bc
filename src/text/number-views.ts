import { endOf, type FixedField, type FixedLayout } from "../events/builtin/layout.js";
import type { FixedReader } from "../events/builtin/record.js";
import type { BuiltinName } from "../events/builtin/types.js";
import type { TraceEvent } from "../events/event.js";
import type { EventText } from "./event-text.js";
import { hex8 } from "./hex.js";

/** Writes one event in place of its text; the iterator stays. */
type Body = (event: TraceEvent, type: number) => string;

/** What the options raw, hex and bin make of an event (print_raw_fmt(), print_hex_fmt(), print_bin_fmt(), trace.c). */
export function numberView(
  kind: "raw" | "hex" | "bin",
  text: EventText,
  littleEndian: boolean,
  contextInfo: boolean,
): Body {
  const writer = { raw: RAW, hex: HEX, bin: BIN }[kind];
  const numbers: Numbers = kind === "hex" ? new HexNumbers(text.reader) : new BinNumbers(text.reader, littleEndian);
  return (event, type) => {
    let line = "";
    if (contextInfo) {
      const { pid, cpu } = event;
      line =
        kind === "raw"
          ? `${pid} ${cpu} ${event.exactTime()} `
          : numbers.int(pid) + numbers.int(cpu) + numbers.u64(event.exactTime());
    }
    if (!text.isRegistered(type)) return kind === "bin" ? line : `${line}${kind === "raw" ? `${type} ?` : ""}\n`;
    const name = text.builtin(type);
    const write = name === undefined ? undefined : writer[name];
    const layout = text.fixedLayout(type);
    // trace_nop_print(): most events have no other view.
    line +=
      write === undefined || layout === undefined || event.dataSize < endOf(layout)
        ? `type: ${type}\n`
        : write({ event, layout, numbers, text });
    return kind === "hex" ? `${line}\n` : line;
  };
}

interface Given {
  readonly event: TraceEvent;
  readonly layout: FixedLayout;
  readonly numbers: Numbers;
  readonly text: EventText;
}

type Writers = Partial<Record<BuiltinName, (given: Given) => string>>;

function field(layout: FixedLayout, name: string): FixedField {
  const found = layout.get(name);
  if (found === undefined) throw new Error(`no field ${name}`);
  return found;
}

function value({ event, layout, text }: Given, name: string): bigint {
  return text.reader.value(event, field(layout, name));
}

const signed = (v: bigint): bigint => BigInt.asIntN(32, v);

function state(given: Given, name: string): string {
  return given.text.taskStates[Number(value(given, name))] ?? "?";
}

const switchRaw =
  (prevState: string | undefined) =>
  (g: Given): string => {
    const [prevPid, prevPrio, nextCpu] = [value(g, "prev_pid"), value(g, "prev_prio"), value(g, "next_cpu")];
    const [nextPid, nextPrio] = [value(g, "next_pid"), value(g, "next_prio")];
    return `${signed(prevPid)} ${prevPrio} ${prevState ?? state(g, "prev_state")} ${signed(nextCpu)} ${signed(nextPid)} ${nextPrio} ${state(g, "next_state")}\n`;
  };

const printed =
  (head: string, between: string) =>
  (g: Given): string => {
    // The event's own text begins with the place, then ": ".
    const body = g.text.body(g.event, g.event.type);
    return `${head}${value(g, "ip").toString(16)}${between}${body.slice(body.indexOf(": ") + 2)}`;
  };

const RAW: Writers = {
  function: (g) => `${value(g, "ip").toString(16)} ${value(g, "parent_ip").toString(16)}\n`,
  context_switch: switchRaw(undefined),
  wakeup: switchRaw("+"),
  print: printed("# ", " "),
  bprint: printed(": ", " : "),
  bputs: printed(": ", " : "),
  raw_data: (g) => g.text.body(g.event, g.event.type),
  hwlat(g) {
    const nsec = value(g, "tv_nsec");
    const digits = nsec < 0n ? `-${String(-nsec).padStart(8, "0")}` : String(nsec).padStart(9, "0");
    const outer = BigInt.asIntN(64, value(g, "outer_duration"));
    return `${value(g, "duration")} ${outer} ${value(g, "tv_sec")} ${digits} ${value(g, "seqnum")}\n`;
  },
  osnoise: (g) =>
    `${[
      BigInt.asIntN(64, value(g, "runtime")),
      ...["noise", "max_sample", "hw_count", "nmi_count", "irq_count", "softirq_count", "thread_count"].map((name) =>
        value(g, name),
      ),
    ].join(" ")}\n`,
  timerlat: (g) => `${value(g, "seqnum")} ${signed(value(g, "context"))} ${value(g, "timer_latency")}\n`,
  func_repeats: (g) =>
    `${value(g, "ip")} ${value(g, "parent_ip")} ${value(g, "count")} ${(value(g, "top_delta_ts") << 32n) | value(g, "bottom_delta_ts")}\n`,
};

/** Numbers as bytes of the writer, or as their hex digits (SEQ_PUT_FIELD(), SEQ_PUT_HEX_FIELD()). */
interface Numbers {
  byte(v: number): string;
  int(v: number): string;
  u64(v: bigint): string;
  long(v: bigint): string;
}

class HexNumbers implements Numbers {
  constructor(private readonly reader: FixedReader) {}

  byte(v: number): string {
    return `${v.toString(16).padStart(2, "0")} `;
  }

  int(v: number): string {
    return `${hex8(v >>> 0)} `;
  }

  u64(v: bigint): string {
    return `${v.toString(16).padStart(16, "0")} `;
  }

  long(v: bigint): string {
    return this.reader.longSize === 8 ? this.u64(v) : this.int(Number(v));
  }
}

class BinNumbers implements Numbers {
  constructor(
    private readonly reader: FixedReader,
    private readonly littleEndian: boolean,
  ) {}

  byte(v: number): string {
    return String.fromCharCode(v);
  }

  int(v: number): string {
    return this.bytes(BigInt.asUintN(32, BigInt(v)), 4);
  }

  u64(v: bigint): string {
    return this.bytes(v, 8);
  }

  long(v: bigint): string {
    return this.bytes(v, this.reader.longSize);
  }

  private bytes(v: bigint, size: number): string {
    const out: string[] = [];
    for (let i = 0; i < size; i++) out.push(String.fromCharCode(Number((v >> BigInt(8 * i)) & 255n)));
    return (this.littleEndian ? out : out.reverse()).join("");
  }
}

const twoLongs = (g: Given): string => g.numbers.long(value(g, "ip")) + g.numbers.long(value(g, "parent_ip"));

/** trace_ctxwake_hex(): the first task's state is a char, the second's an int. */
const switchHex =
  (prevState: number | undefined) =>
  (g: Given): string => {
    const { numbers } = g;
    const int = (name: string): string => numbers.int(Number(value(g, name)));
    const byte = (name: string): string => numbers.byte(Number(value(g, name)));
    const letter = (name: string): number => state(g, name).charCodeAt(0);
    return (
      int("prev_pid") +
      byte("prev_prio") +
      numbers.byte(prevState ?? letter("prev_state")) +
      int("next_cpu") +
      int("next_pid") +
      byte("next_prio") +
      numbers.int(letter("next_state"))
    );
  };

const switchBin = (g: Given): string => {
  const int = (name: string): string => g.numbers.int(Number(value(g, name)));
  const byte = (name: string): string => g.numbers.byte(Number(value(g, name)));
  return (
    int("prev_pid") +
    byte("prev_prio") +
    byte("prev_state") +
    int("next_cpu") +
    int("next_pid") +
    byte("next_prio") +
    byte("next_state")
  );
};

const HEX: Writers = { function: twoLongs, context_switch: switchHex(undefined), wakeup: switchHex(43 /* + */) };
const BIN: Writers = { function: twoLongs, context_switch: switchBin, wakeup: switchBin };
