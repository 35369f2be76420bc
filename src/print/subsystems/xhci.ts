import { U64 } from "../../system/formats/ctype.js";
import { arg, type Calls, named, since, text, uint, words } from "../call.js";

/** drivers/usb/host/xhci.h (6.12.117 and 7.3.4); the numbers are those of the xHCI specification 1.2. */

/** Since these, the text of portsc and of isochronous TRBs is another (6.12.117 has the old ones, 7.3.4 the new). */
const NEW_TEXT = "6.13.0";

/** xHCI 1.2 table 6-90. */
const COMPLETION_CODES =
  "Invalid,Success,Data Buffer Error,Babble Detected,USB Transaction Error,TRB Error,Stall Error,Resource Error,Bandwidth Error,No Slots Available Error,Invalid Stream Type Error,Slot Not Enabled Error,Endpoint Not Enabled Error,Short Packet,Ring Underrun,Ring Overrun,VF Event Ring Full Error,Parameter Error,Bandwidth Overrun Error,Context State Error,No Ping Response Error,Event Ring Full Error,Incompatible Device Error,Missed Service Error,Command Ring Stopped,Command Aborted,Stopped,Stopped - Length Invalid,Stopped - Short Packet,Max Exit Latency Too Large Error,,Isoch Buffer Overrun,Event Lost Error,Undefined Error,Invalid Stream ID Error,Secondary Bandwidth Error,Split Transaction Error".split(
    ",",
  );

/** xHCI 1.2 table 6-91; NEC's own from 48 on. */
const TRB_TYPES: Readonly<Record<number, string>> = {
  1: "Normal",
  2: "Setup Stage",
  3: "Data Stage",
  4: "Status Stage",
  5: "Isoch",
  6: "Link",
  7: "Event Data",
  8: "No-Op",
  9: "Enable Slot Command",
  10: "Disable Slot Command",
  11: "Address Device Command",
  12: "Configure Endpoint Command",
  13: "Evaluate Context Command",
  14: "Reset Endpoint Command",
  15: "Stop Ring Command",
  16: "Set TR Dequeue Pointer Command",
  17: "Reset Device Command",
  18: "Force Event Command",
  19: "Negotiate Bandwidth Command",
  20: "Set Latency Tolerance Value Command",
  21: "Get Port Bandwidth Command",
  22: "Force Header Command",
  23: "No-Op Command",
  32: "Transfer Event",
  33: "Command Completion Event",
  34: "Port Status Change Event",
  35: "Bandwidth Request Event",
  36: "Doorbell Event",
  37: "Host Controller Event",
  38: "Device Notification Event",
  39: "MFINDEX Wrap Event",
  48: "NEC Command Completion Event",
  49: "NET Get Firmware Revision Command",
};

const LINK_STATES: Readonly<Record<number, string>> = {
  ..."U0,U1,U2,U3,Disabled,RxDetect,Inactive,Polling,Recovery,Hot Reset,Compliance mode,Test mode".split(","),
  15: "Resume",
};
const SLOT_STATES = ["enabled/disabled", "default", "addressed", "configured"];
const SPEEDS: Readonly<Record<number, string>> = {
  1: "full-speed",
  2: "low-speed",
  3: "high-speed",
  4: "super-speed",
  5: "super-speed plus",
};
const EP_STATES = ["disabled", "running", "halted", "stopped", "error"];
const EP_TYPES = ["INVALID", "Isoc OUT", "Bulk OUT", "Int OUT", "Ctrl", "Isoc IN", "Bulk IN", "Int IN"];

const hex8 = (v: number): string => (v >>> 0).toString(16).padStart(8, "0");
const hex2 = (v: number): string => (v & 0xff).toString(16).padStart(2, "0");

/** Flags of a TRB's last word, upper case when set: "I:c:C". */
function flags(word: number, bits: readonly (readonly [number, string])[]): string {
  return bits.map(([bit, letter]) => (((word >>> bit) & 1) === 1 ? letter.toUpperCase() : letter)).join(":");
}

const CYCLE = [0, "c"] as const;
const ENT = [1, "e"] as const;
const ISP = [2, "i"] as const;
const NO_SNOOP = [3, "s"] as const;
const CHAIN = [4, "c"] as const;
const IOC = [5, "i"] as const;
const IDT = [6, "i"] as const;
const BEI = [9, "b"] as const;
const SIA = [31, "s"] as const;

/** A transfer request block: its four words, and what several kinds of it have in the same place. */
class Trb {
  readonly type: number;
  readonly name: string;
  readonly address: string;
  readonly slot: number;
  readonly ep: number;
  readonly interrupter: number;

  constructor(readonly fields: readonly [number, number, number, number]) {
    const [f0, f1, f2, f3] = fields;
    this.type = (f3 >>> 10) & 0x3f;
    this.name = TRB_TYPES[this.type] ?? "UNKNOWN";
    this.address = hex8(f1) + hex8(f0);
    this.slot = f3 >>> 24;
    this.ep = (f3 >>> 16) & 0x1f;
    this.interrupter = f2 >>> 22;
  }

  /** The buffer that it transfers. */
  buffer(sizeName: string): string {
    const [, , f2] = this.fields;
    return `Buffer ${this.address} length ${f2 & 0x1ffff} ${sizeName} ${(f2 >>> 17) & 0x1f} intr ${this.interrupter} type '${this.name}'`;
  }
}

const ALL_FLAGS = [BEI, IDT, IOC, CHAIN, NO_SNOOP, ISP, ENT, CYCLE];

/** xhci_decode_trb(): the four words of a transfer request block. */
function decodeTrb(isochronous: boolean, fields: readonly number[]): string {
  const trb = new Trb(fields as [number, number, number, number]);
  const told = transferText(trb, isochronous) ?? commandText(trb);
  if (told !== undefined) return told;
  const { type, name, address, slot, ep } = trb;
  const [f0, f1, f2, f3] = trb.fields;
  if (type >= 32 && type <= 39)
    return `TRB ${address} status '${COMPLETION_CODES[f2 >>> 24] || "Unknown!!"}' len ${f2 & 0xffffff} slot ${slot} ep ${ep} type '${name}' flags ${flags(f3, [[2, "e"], CYCLE])}`;
  return `type '${name}' -> raw ${hex8(f0)} ${hex8(f1)} ${hex8(f2)} ${hex8(f3)}`;
}

/** Of those of a transfer ring; undefined of others. */
function transferText(trb: Trb, isochronous: boolean): string | undefined {
  const { name, address, interrupter } = trb;
  const [f0, f1, f2, f3] = trb.fields;
  switch (trb.type) {
    case 6:
      return `LINK ${address} intr ${interrupter} type '${name}' flags ${flags(f3, [IOC, CHAIN, [1, "t"], CYCLE])}`;
    case 2:
      return (
        `bRequestType ${hex2(f0)} bRequest ${hex2(f0 >>> 8)} wValue ${hex2(f0 >>> 24)}${hex2(f0 >>> 16)} ` +
        `wIndex ${hex2(f1 >>> 8)}${hex2(f1)} wLength ${f1 >>> 16} length ${f2 & 0x1ffff} TD size ${(f2 >>> 17) & 0x1f} ` +
        `intr ${interrupter} type '${name}' flags ${flags(f3, [IDT, IOC, CYCLE])}`
      );
    case 3:
      return `${trb.buffer("TD size")} flags ${flags(f3, [IDT, IOC, CHAIN, NO_SNOOP, ISP, ENT, CYCLE])}`;
    case 4:
      return `${trb.buffer("TD size")} flags ${flags(f3, [IOC, CHAIN, ENT, CYCLE])}`;
    case 5:
      if (isochronous)
        return `${trb.buffer("TD size/TBC")} TBC ${(f3 >>> 7) & 3} TLBPC ${(f3 >>> 16) & 0xf} frame_id ${(f3 >>> 20) & 0x7ff} flags ${flags(f3, [SIA, ...ALL_FLAGS])}`;
      return `${trb.buffer("TD size")} flags ${flags(f3, ALL_FLAGS)}`;
    case 1:
    case 7:
    case 8:
      return `${trb.buffer("TD size")} flags ${flags(f3, ALL_FLAGS)}`;
  }
  return undefined;
}

/** Of those of the command ring; undefined of others. */
function commandText({ type, name, fields, address, slot, ep, interrupter }: Trb): string | undefined {
  const [f0, f1, f2, f3] = fields;
  const cycle = flags(f3, [CYCLE]);
  switch (type) {
    case 23:
    case 9:
      return `${name}: flags ${cycle}`;
    case 10:
    case 19:
      return `${name}: slot ${slot} flags ${cycle}`;
    case 11:
      return `${name}: ctx ${address} slot ${slot} flags ${flags(f3, [[9, "b"], CYCLE])}`;
    case 12:
      return `${name}: ctx ${address} slot ${slot} flags ${flags(f3, [[9, "d"], CYCLE])}`;
    case 13:
      return `${name}: ctx ${address} slot ${slot} flags ${cycle}`;
    case 14:
      return `${name}: ctx ${address} slot ${slot} ep ${ep} flags ${flags(f3, [[9, "t"], CYCLE])}`;
    case 15:
      return `${name}: slot ${slot} sp ${(f3 >>> 23) & 1} ep ${ep} flags ${cycle}`;
    case 16:
      return `${name}: deq ${address} stream ${f2 >>> 16} slot ${slot} ep ${ep} flags ${cycle}`;
    case 17:
      return `${name}: slot ${slot} flags ${cycle}`;
    case 18:
      return `${name}: event ${address} vf intr ${interrupter} vf id ${(f3 >>> 16) & 0xff} flags ${cycle}`;
    case 20:
      return `${name}: belt ${(f3 >>> 16) & 0xfff} flags ${cycle}`;
    case 21:
      return `${name}: ctx ${address} slot ${slot} speed ${(f3 >>> 16) & 0xf} flags ${cycle}`;
    case 22:
      return `${name}: info ${hex8(f2)}${hex8(f1)}${hex8(f0 & ~0x1f)} pkt type ${f0 & 0x1f} roothub port ${slot} flags ${cycle}`;
  }
  return undefined;
}

/** " 1in 1out ...", by the bits of an input control context. */
function endpoints(bits: number): string {
  let out = "";
  for (let bit = 0; bit < 32; bit++) if ((bits >>> bit) & 1) out += ` ${bit >> 1}${bit & 1 ? "in" : "out"}`;
  return out;
}

/** xhci_decode_ctrl_ctx(). */
function decodeControl(drop: number, add: number): string {
  let out = drop === 0 ? "" : `Drop:${endpoints(drop)}, `;
  if (add !== 0) out += `Add:${add & 1 ? " slot" : ""}${add & 2 ? " ep0" : ""}${endpoints(add & ~3)}`;
  return out;
}

/** xhci_decode_slot_context(). */
function decodeSlot(info: number, info2: number, tt: number, state: number): string {
  const multi = (info >>> 25) & 1 ? " multi-TT" : "";
  const hub = (info >>> 26) & 1 ? " Hub" : "";
  return (
    `RS ${(info & 0xfffff).toString(16).padStart(5, "0")} ${SPEEDS[(info >>> 20) & 0xf] ?? "UNKNOWN speed"}${multi}${hub} ` +
    `Ctx Entries ${info >>> 27} MEL ${info2 & 0xffff} us Port# ${(info2 >>> 16) & 0xff}/${info2 >>> 24} ` +
    `[TT Slot ${tt & 0xff} Port# ${(tt >>> 8) & 0xff} TTT ${(tt >>> 16) & 3} Intr ${tt >>> 22}] ` +
    `Addr ${state & 0xff} State ${SLOT_STATES[state >>> 27] ?? "reserved"}`
  );
}

type Bits = readonly (readonly [number, string])[];

/** Names of the bits that are set, each with a space behind it. */
function bitWords(value: number, bits: Bits): string {
  return bits.map(([bit, word]) => ((value >>> bit) & 1 ? `${word} ` : "")).join("");
}

const CHANGES: Bits = [
  [17, "CSC"],
  [18, "PEC"],
  [19, "WRC"],
  [20, "OCC"],
  [21, "PRC"],
  [22, "PLC"],
  [23, "CEC"],
];
const WAKES: Bits = [
  [25, "WCE"],
  [26, "WDE"],
  [27, "WOE"],
];

/** xhci_decode_portsc(). */
function decodePort(portsc: number): string {
  const value = `0x${hex8(portsc)} `;
  if (portsc >>> 0 === 0xffffffff) return value;
  const state: Bits = [[0, "CCS"], [3, "OCA"], [24, "CAS"], [30, "DR"], [9, "PP"], ...WAKES];
  const rest: Bits = [[16, "LWS"], [4, "PR"], [31, "WPR"], [1, "PED"], ...CHANGES];
  const link = LINK_STATES[(portsc >>> 5) & 0xf] ?? "Unknown";
  return `${value}Speed=${(portsc >>> 10) & 0xf} Link=${link} ${bitWords(portsc, state)}${bitWords(portsc, rest)}`;
}

/** The same in 6.12. */
function decodePortOld(portsc: number): string {
  const value = `0x${hex8(portsc)} `;
  if (portsc >>> 0 === 0xffffffff) return value;
  const bit = (n: number, yes: string, no: string) => ((portsc >>> n) & 1 ? yes : no);
  const link = LINK_STATES[(portsc >>> 5) & 0xf] ?? "Unknown";
  return (
    `${value}${bit(9, "Powered", "Powered-off")} ${bit(0, "Connected", "Not-connected")} ${bit(1, "Enabled", "Disabled")} ` +
    `Link:${link} PortSpeed:${(portsc >>> 10) & 0xf} ${bit(3, "OverCurrent ", "")}${bit(4, "In-Reset ", "")}` +
    `Change: ${bitWords(portsc, [...CHANGES, [24, "CAS"]])}Wake: ${bitWords(portsc, WAKES)}`
  );
}

/** xhci_decode_doorbell(): a stream is written over what stands at the place that the piece before was long. */
function decodeDoorbell(slot: number, doorbell: number): string {
  if (slot === 0) return `Command Ring ${doorbell | 0}`;
  const ep = doorbell & 0xff;
  const stream = doorbell >>> 16;
  const head = `Slot ${slot | 0} `;
  let piece = `Vendor Defined ${ep}`;
  if (ep > 0 && ep < 32) piece = `ep${ep >> 1}${ep & 1 ? "in" : "out"}`;
  else if (ep < 248) piece = `Reserved ${ep}`;
  const text = head + piece;
  return stream === 0 ? text : `${text.slice(0, piece.length)} Stream ${stream}`;
}

/** xhci_decode_ep_context(). */
function decodeEndpoint(info: number, info2: number, deq: bigint, tx: number): string {
  const interval = (info >>> 16) & 0xff;
  const esit = (((info >>> 24) << 16) | (tx >>> 16)) >>> 0;
  return (
    `State ${EP_STATES[info & 7] ?? "INVALID"} mult ${((info >>> 8) & 3) + 1} max P. Streams ${(info >>> 10) & 0x1f} ` +
    `${(info >>> 15) & 1 ? "LSA " : ""}interval ${Math.imul(1 << interval, 125)} us max ESIT payload ${esit} ` +
    `CErr ${(info2 >>> 1) & 3} Type ${EP_TYPES[(info2 >>> 3) & 7]} ${(info2 >>> 7) & 1 ? "HID" : ""}` +
    `burst ${(info2 >>> 8) & 0xff} maxp ${info2 >>> 16} deq ${deq.toString(16).padStart(16, "0")} avg trb len ${tx & 0xffff}`
  );
}

export const XHCI_CALLS: Calls = {
  xhci_ring_type_string: named("CTRL ISOC BULK INTR STREAM CMD EVENT".split(" "), "UNKNOWN"),
  xhci_decode_trb: since(
    NEW_TEXT,
    words((...fields) => decodeTrb(true, fields), 4),
    words((...fields) => decodeTrb(false, fields), 4),
  ),
  xhci_decode_ctrl_ctx: words(decodeControl, 2),
  xhci_decode_slot_context: words(decodeSlot, 4),
  xhci_decode_portsc: since(NEW_TEXT, words(decodePort, 1), words(decodePortOld, 1)),
  xhci_decode_doorbell: words(decodeDoorbell, 2),
  xhci_decode_ep_context: (g, args, at) => {
    // Up to 5.13 there was no buffer in front.
    const first = args.length - 4;
    const [info, info2, tx] = [0, 1, 3].map((i) => uint(g, arg(args, first + i, at)));
    const deq = g.big(g.convert(g.expr(arg(args, first + 2, at)), U64));
    return text(`${g.keep(decodeEndpoint)}(${info},${info2},${deq},${tx})`);
  },
};
