import { type CType, intType, U64 } from "../../system/formats/ctype.js";
import { arg, type Calls, type Emit, inRecord, int, named, text } from "../call.js";
import type { PrintedRecord } from "../record.js";
import { OVERFLOW } from "../runtime.js";

/** drivers/infiniband/hw/hfi1/trace.c (the same in 6.12.117 and 7.3.4); headers by include/rdma/ib_hdrs.h. */

/** Digits of "0x%.4x". */
const hex = (v: number | bigint, digits: number): string => `0x${v.toString(16).padStart(digits, "0")}`;

/** OPA_16B_L4_FM: a management packet, which has no transport header. */
const MANAGEMENT = 8;

type Value = number | string;

/** A function of the arguments behind `p`: a letter each, b(ool), 1, 2 or 4 unsigned bytes, s(tring). */
const valued =
  (types: string, helper: (...values: never[]) => string): Emit =>
  (g, args, at) => {
    const code = [...types].map((type, i) => {
      const v = g.expr(arg(args, i + 1, at));
      if (type === "s") return g.string(v);
      const t: CType = type === "b" ? BOOL : intType(Number(type) as 1 | 2 | 4, false);
      return type === "4" ? `(${g.low(g.convert(v, t))}>>>0)` : g.low(g.convert(v, t));
    });
    return text(`${g.keep(helper)}(${code.join(",")})`);
  };

const BOOL: CType = { kind: "int", size: 1, signed: false, bool: true };

/** hfi1_trace_fmt_lrh(). */
function localRoute(...values: Value[]): string {
  const [bypass, age, becn, fecn, l4, lnh, lnhName, lver, rc, sc, sl, entropy, length, pkey, dlid, slid] = values;
  const head = `len:${length} sc:${sc} dlid:${hex(dlid as number, 4)} slid:${hex(slid as number, 4)} `;
  if (!bypass) return `${head}lnh:${lnh},${lnhName} lver:${lver} sl:${sl}`;
  return `${head}age:${age} becn:${becn} fecn:${fecn} l4:${l4} rc:${rc} sc:${sc} pkey:${hex(pkey as number, 4)} entropy:${hex(entropy as number, 4)}`;
}

/** hfi1_trace_fmt_rest(). */
function transport(...values: Value[]): string {
  const [bypass, l4, ack, becn, fecn, mig, se, pad, opcode, name, tver, pkey, psn, qpn, destination, source] = values;
  const op = `op:${hex(opcode as number, 2)},${name} `;
  if (bypass && l4 === MANAGEMENT)
    return `${op}dest_qpn:${hex(destination as number, 6)} src_qpn:${hex(source as number, 6)}`;
  const flags = `${op}se:${se} m:${mig} pad:${pad} tver:${tver} `;
  const congestion = bypass ? "" : `pkey:${hex(pkey as number, 4)} f:${fecn} b:${becn} `;
  return `${flags}${congestion}qpn:${hex(qpn as number, 6)} a:${ack} psn:${hex(psn as number, 8)}`;
}

const SYNDROMES: Readonly<Record<number, string>> = { 0: "ACK", 1: "RNRNAK", 3: "NAK" };

/** parse_everbs_hdrs(): union ib_ehdrs, by the opcode of InfiniBand's base transport header. */
function extendedHeaders(r: PrintedRecord, opcode: number, l4: number, at: number): string {
  if (l4 === MANAGEMENT) return "mgmt pkt";
  const shown = EXTENDED[opcode];
  if (shown === undefined) return "";
  return r.has(at, shown.bytes) ? shown.text(r, at) : OVERFLOW;
}

/** What one kind of packet has behind its base transport header: so many bytes, and their text. */
interface Extended {
  readonly bytes: number;
  text(r: PrintedRecord, at: number): string;
}

const be32 = ({ d }: PrintedRecord, at: number): number => d.getUint32(at, false);
const be64 = ({ d }: PrintedRecord, at: number): bigint => d.getBigUint64(at, false);
const le32 = ({ d }: PrintedRecord, at: number): number => d.getUint32(at, true);
/** A number that the kernel prints without swapping it. */
const u32 = (r: PrintedRecord, at: number): number => r.u32(at);

const immediate = (r: PrintedRecord, at: number): string => `imm:${be32(r, at) | 0}`;
const reth = (r: PrintedRecord, at: number): string =>
  `reth vaddr:${hex(be64(r, at), 16)} rkey:${hex(be32(r, at + 8), 8)} dlen:${hex(be32(r, at + 12), 8)}`;
const aeth = (r: PrintedRecord, at: number): string => {
  const word = be32(r, at);
  return `aeth syn:${hex(word >>> 24, 2)} ${SYNDROMES[word >>> 29] ?? ""} msn:${hex(word & 0xffffff, 8)}`;
};
const deth = (r: PrintedRecord, at: number): string =>
  `deth qkey:${hex(be32(r, at), 8)} sqpn:${hex(be32(r, at + 4) & 0xffffff, 6)}`;
/** "name 0x.." of big-endian words. */
const named32 = (r: PrintedRecord, words: readonly (readonly [string, number])[]): string =>
  words.map(([name, at]) => `${name} ${hex(be32(r, at), 0)}`).join(" ");

const kdeth = (r: PrintedRecord, at: number): string =>
  `kdeth0 ${hex(le32(r, at), 0)} kdeth1 ${hex(le32(r, at + 4), 0)}`;
const kdethData = (r: PrintedRecord, at: number): string => {
  const [k0, k1] = [le32(r, at), le32(r, at + 4)];
  return (
    `kdeth0 ${hex(k0, 0)}: kver ${k0 >>> 30} sh ${(k0 >>> 29) & 1} intr ${(k0 >>> 28) & 1} tidctrl ${(k0 >>> 26) & 3} ` +
    `tid ${((k0 >>> 16) & 0x3ff).toString(16)} offset ${(k0 & 0x7fff).toString(16)} kdeth1 ${hex(k1, 0)}: jkey ${(k1 & 0xff).toString(16)}`
  );
};

const IMMEDIATE: Extended = { bytes: 4, text: immediate };
const RETH: Extended = { bytes: 16, text: reth };
const RETH_IMMEDIATE: Extended = { bytes: 20, text: (r, at) => `${reth(r, at)} ${immediate(r, at + 16)}` };
const AETH: Extended = { bytes: 4, text: aeth };
const ATOMIC: Extended = {
  bytes: 28,
  text: (r, at) =>
    `vaddr:${hex(be64(r, at), 0)} rkey:${hex(u32(r, at + 8), 8)} sdata:${be64(r, at + 12).toString(16)} cdata:${be64(r, at + 20).toString(16)}`,
};
const IETH: Extended = { bytes: 4, text: (r, at) => `ieth rkey:${hex(be32(r, at), 8)}` };
const TID_WRITE_DATA: Extended = {
  bytes: 36,
  text: (r, at) => `${kdethData(r, at)} ${named32(r, [["verbs_qp", at + 32]])}`,
};

/** By opcode: RC from 0, UC from 0x20, UD from 0x60, TID RDMA from 0xe0. */
const EXTENDED: Readonly<Record<number, Extended>> = {
  3: IMMEDIATE,
  5: IMMEDIATE,
  6: RETH,
  9: IMMEDIATE,
  10: RETH,
  11: RETH_IMMEDIATE,
  12: RETH,
  13: AETH,
  15: AETH,
  16: AETH,
  17: AETH,
  18: { bytes: 12, text: (r, at) => `${aeth(r, at)} origdata:${be64(r, at + 4).toString(16)}` },
  19: ATOMIC,
  20: ATOMIC,
  22: IETH,
  23: IETH,
  35: IMMEDIATE,
  37: IMMEDIATE,
  38: RETH,
  41: IMMEDIATE,
  42: RETH,
  43: RETH_IMMEDIATE,
  100: { bytes: 8, text: (r, at) => `${deth(r, at)} entropy:${hex(be32(r, at + 4) >>> 24, 2)}` },
  101: { bytes: 8, text: deth },
  224: {
    bytes: 36,
    text: (r, at) => `${kdeth(r, at)} ${reth(r, at + 8)} ${named32(r, [["original_qp", at + 32]])}`,
  },
  225: {
    bytes: 36,
    text: (r, at) =>
      `${kdeth(r, at)} ${aeth(r, at + 8)} ${named32(r, [
        ["tid_flow_psn", at + 24],
        ["tid_flow_qp", at + 28],
        ["verbs_qp", at + 32],
      ])}`,
  },
  226: TID_WRITE_DATA,
  227: TID_WRITE_DATA,
  228: {
    bytes: 36,
    text: (r, at) =>
      `${kdeth(r, at)} ${reth(r, at + 8)} ${named32(r, [
        ["tid_flow_psn", at + 24],
        ["tid_flow_qp", at + 28],
        ["verbs_qp", at + 32],
      ])}`,
  },
  229: {
    bytes: 36,
    text: (r, at) => `${kdethData(r, at)} ${aeth(r, at + 8)} ${named32(r, [["verbs_qp", at + 32]])}`,
  },
  230: { bytes: 36, text: (r, at) => `${kdeth(r, at)} ${named32(r, [["verbs_qp", at + 32]])}` },
  231: {
    bytes: 36,
    text: (r, at) =>
      `${kdeth(r, at)} ${aeth(r, at + 8)} ${named32(r, [
        ["tid_flow_psn", at + 20],
        ["verbs_psn", at + 24],
        ["tid_flow_qp", at + 28],
        ["verbs_qp", at + 32],
      ])}`,
  },
};

/** parse_sdma_flags(); the descriptor by drivers/infiniband/hw/hfi1/sdma.h. */
function sdmaFlags(d0: bigint, d1: bigint): string {
  const flag = (word: bigint, bit: bigint, letter: string) => ((word >> bit) & 1n ? letter : "-");
  const out = flag(d1, 1n, "I") + flag(d1, 0n, "H") + flag(d0, 63n, "F") + flag(d0, 62n, "L");
  if (!(d0 >> 63n)) return out;
  return `${out} amode:${(d1 >> 13n) & 7n} aidx:${(d1 >> 8n) & 31n} alen:${(d1 >> 4n) & 15n}`;
}

/** print_u32_array(). */
function u32Array(r: PrintedRecord, at: number, length: number): string {
  const out: string[] = [];
  for (let i = 0; i < length; i++) {
    const place = at + 4 * i;
    if (!r.has(place, 4)) return [...out, OVERFLOW].join(" ");
    out.push(hex(u32(r, place), 0));
  }
  return out.join(" ");
}

export const HFI1_CALLS: Calls = {
  hfi1_trace_get_packet_l2_str: named(["0", "1", "16B", "9B"], ""),
  hfi1_trace_get_packet_l4_str: named({ 0: "9B" }, "16B"),
  hfi1_trace_fmt_lrh: valued("b1bb11s111122244", localRoute as never),
  hfi1_trace_fmt_rest: valued("b11bb1111s124444", transport as never),
  parse_everbs_hdrs: (g, args, at) => {
    const [opcode, l4] = [1, 2].map((i) => g.low(g.convert(g.expr(arg(args, i, at)), intType(1, false))));
    return text(`${g.keep(extendedHeaders)}(R,${opcode},${l4},${inRecord(g, arg(args, 5, at))})`);
  },
  parse_sdma_flags: (g, args, at) => {
    const [d0, d1] = [1, 2].map((i) => g.big(g.convert(g.expr(arg(args, i, at)), U64)));
    return text(`${g.keep(sdmaFlags)}(${d0},${d1})`);
  },
  print_u32_array: (g, args, at) =>
    text(`${g.keep(u32Array)}(R,${inRecord(g, arg(args, 1, at))},${int(g, arg(args, 2, at))})`),
};
