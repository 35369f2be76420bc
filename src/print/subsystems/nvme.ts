import { arg, type Calls, type Emit, inRecord, since, text, uint, words } from "../call.js";
import type { PrintedRecord } from "../record.js";
import { hexText, OVERFLOW } from "../runtime.js";
import { le } from "./bytes.js";

/** drivers/nvme/host/trace.c nvme_trace_disk_name(). */
function nvmeDiskName(name: string): string {
  return name === "" ? "" : `disk=${name}, `;
}

/** The 24 bytes of cdw10 to cdw15; undefined where the record ends before them. */
function dwords(r: PrintedRecord, at: number): Uint8Array | undefined {
  return r.has(at, 24) ? r.u.subarray(at, at + 24) : undefined;
}

const hex = (v: bigint | number): string => `0x${v.toString(16)}`;

function nvmeCommon(c: Uint8Array, word = "cdw10"): string {
  return `${word}=${hexText(c, 0, 24, " ")}`;
}

/** nvme_trace_parse_admin_cmd(). */
function nvmeAdmin(opcode: number, r: PrintedRecord, at: number): string {
  const c = dwords(r, at);
  if (c === undefined) return OVERFLOW;
  switch (opcode & 0xff) {
    case 0x00:
      return `sqid=${le(c, 0, 2)}`;
    case 0x01:
      return `sqid=${le(c, 0, 2)}, qsize=${le(c, 2, 2)}, sq_flags=${hex(le(c, 4, 2))}, cqid=${le(c, 6, 2)}`;
    case 0x04:
      return `cqid=${le(c, 0, 2)}`;
    case 0x05:
      return `cqid=${le(c, 0, 2)}, qsize=${le(c, 2, 2)}, cq_flags=${hex(le(c, 4, 2))}, irq_vector=${le(c, 6, 2)}`;
    case 0x06:
      return `cns=${c[0]}, ctrlid=${le(c, 2, 2)}`;
    case 0x09:
      return `fid=${hex(c[0]!)}, sv=${hex(c[3]! & 0x8)}, cdw11=${hex(le(c, 4, 4))}`;
    case 0x0a:
      return `fid=${hex(c[0]!)}, sel=${hex(c[1]! & 0x7)}, cdw11=${hex(le(c, 4, 4))}`;
    case 0x80: {
      const w = le(c, 0, 4);
      return `lbaf=${(w & 0xfn) | ((w >> 8n) & 0x30n)}, mset=${(w >> 4n) & 1n}, pi=${(w >> 5n) & 7n}, pil=${(w >> 8n) & 1n}, ses=${(w >> 9n) & 7n}`;
    }
    case 0x86:
      return `slba=${hex(le(c, 0, 8))}, mndw=${hex(le(c, 8, 4))}, rl=${hex(le(c, 12, 2))}, atype=${c[15]}`;
  }
  return nvmeCommon(c);
}

const RESERVED = "reserved";

/** "3:open zone". */
function named(number: number, names: Readonly<Record<number, string>>): string {
  return `${number}:${names[number] ?? RESERVED}`;
}

const ZONE_SEND: Readonly<Record<number, string>> = {
  1: "close zone",
  2: "finish zone",
  3: "open zone",
  4: "reset zone",
  5: "offline zone",
  16: "set zone descriptor extension",
};
const ZONE_RECEIVE: Readonly<Record<number, string>> = {
  0: "list all zones",
  1: "list the zones in the ZSE: Empty state",
  2: "list the zones in the ZSIO: Implicitly Opened state",
  3: "list the zones in the ZSEO: Explicitly Opened state",
  4: "list the zones in the ZSC: Closed state",
  5: "list the zones in the ZSF: Full state",
  6: "list the zones in the ZSRO: Read Only state",
  7: "list the zones in the ZSO: Offline state",
  9: "list the zones that have the zone attribute",
};
const REGISTER = ["register", "unregister", "replace"];
const ACQUIRE = ["acquire", "preempt", "preempt and abort"];
const RELEASE = ["release", "clear"];
const RESERVATION_TYPES = [
  RESERVED,
  "write exclusive",
  "exclusive access",
  "write exclusive registrants only",
  "exclusive access registrants only",
  "write exclusive all registrants",
  "exclusive access all registrants",
];

/** nvme_trace_parse_nvm_cmd(), but for reservations. */
function nvmeNvm(opcode: number, r: PrintedRecord, at: number): string {
  const c = dwords(r, at);
  if (c === undefined) return OVERFLOW;
  switch (opcode & 0xff) {
    case 0x01:
    case 0x02:
    case 0x08:
    case 0x7d:
      return `slba=${le(c, 0, 8)}, len=${le(c, 8, 2)}, ctrl=${hex(le(c, 10, 2))}, dsmgmt=${le(c, 12, 4)}, reftag=${le(c, 16, 4)}`;
    case 0x09:
      return `nr=${le(c, 0, 4)}, attributes=${le(c, 4, 4)}`;
    case 0x79:
      return `slba=${le(c, 0, 8)}, zsa=${named(c[12]!, ZONE_SEND)}, all=${c[13]}`;
    case 0x7a:
      return `slba=${le(c, 0, 8)}, numd=${le(c, 8, 4)}, zra=${c[12]}, zrasf=${named(c[13]!, ZONE_RECEIVE)}, pr=${c[14]}`;
  }
  return nvmeCommon(c);
}

type Parser = typeof nvmeNvm;

/** The same with reservations, whose actions and types had no names at first. */
const withReservations =
  (names: boolean): Parser =>
  (opcode, r, at) => {
    const c = dwords(r, at);
    if (c === undefined) return OVERFLOW;
    const name = (number: number, from: readonly string[]) => (names ? named(number, from) : String(number));
    const action = c[0]! & 7;
    const key = (c[0]! >> 3) & 1;
    switch (opcode & 0xff) {
      case 0x0d:
        return `rrega=${name(action, REGISTER)}, iekey=${key}, ptpl=${c[3]! >> 6}`;
      case 0x11:
        return `racqa=${name(action, ACQUIRE)}, iekey=${key}, rtype=${name(c[1]!, RESERVATION_TYPES)}`;
      case 0x15:
        return `rrela=${name(action, RELEASE)}, iekey=${key}, rtype=${name(c[1]!, RESERVATION_TYPES)}`;
      case 0x0e:
        return `numd=${le(c, 0, 4)}, eds=${c[4]! & 1}`;
    }
    return nvmeNvm(opcode, r, at);
  };

/** The target's admin commands (drivers/nvme/target/trace.c, 6.12.117 and 7.3.4): of the host's, these alone. */
function targetAdmin(opcode: number, r: PrintedRecord, at: number): string {
  const c = dwords(r, at);
  if (c === undefined) return OVERFLOW;
  return TARGET_ADMIN.has(opcode & 0xff) ? nvmeAdmin(opcode, r, at) : nvmeCommon(c);
}

const TARGET_ADMIN = new Set([0x06, 0x09, 0x0a, 0x86]);

/** nvme_trace_parse_fabrics_cmd(). */
function nvmeFabrics(type: number, r: PrintedRecord, at: number): string {
  const c = dwords(r, at);
  if (c === undefined) return OVERFLOW;
  switch (type & 0xff) {
    case 0x00:
      return `attrib=${c[0]}, ofst=${hex(le(c, 4, 4))}, value=${hex(le(c, 8, 8))}`;
    case 0x01:
      return `recfmt=${le(c, 0, 2)}, qid=${le(c, 2, 2)}, sqsize=${le(c, 4, 2)}, cattr=${c[6]}, kato=${le(c, 8, 4)}`;
    case 0x04:
      return `attrib=${c[0]}, ofst=${hex(le(c, 4, 4))}`;
    case 0x05:
    case 0x06: {
      const byte = (i: number) => c[i]!.toString(16).padStart(2, "0");
      return `spsp0=${byte(1)}, spsp1=${byte(2)}, secp=${byte(3)}, ${(type & 0xff) === 5 ? "tl" : "al"}=${le(c, 4, 4)}`;
    }
  }
  return nvmeCommon(c, "specific");
}

/** A parser of a command's bytes: (p, opcode, pointer). */
const parser =
  (parse: Parser): Emit =>
  (g, args, at) =>
    text(`${g.keep(parse)}(${uint(g, arg(args, 1, at))},R,${inRecord(g, arg(args, 2, at))})`);

const diskName: Emit = (g, args, at) => text(`${g.keep(nvmeDiskName)}(${g.string(g.expr(arg(args, 1, at)))})`);

export const NVME_CALLS: Calls = {
  nvme_trace_disk_name: diskName,
  // drivers/nvme/target/trace.c, drivers/block/null_blk/trace.c
  nvmet_trace_disk_name: diskName,
  nullb_trace_disk_name: diskName,
  nvmet_trace_ctrl_id: words((id) => ((id & 0xffff) === 0 ? "_" : String(id & 0xffff)), 1),
  nvme_trace_parse_admin_cmd: parser(nvmeAdmin),
  // 6.12.117 has the numbers alone, 7.3.4 the names; the target knew no reservations in 6.12.
  nvme_trace_parse_nvm_cmd: since("6.13.0", parser(withReservations(true)), parser(withReservations(false))),
  nvme_trace_parse_fabrics_cmd: parser(nvmeFabrics),
  nvmet_trace_parse_admin_cmd: parser(targetAdmin),
  nvmet_trace_parse_nvm_cmd: since("6.13.0", parser(withReservations(true)), parser(nvmeNvm)),
  nvmet_trace_parse_fabrics_cmd: parser(nvmeFabrics),
};
