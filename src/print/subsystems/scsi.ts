import { arg, type Calls, inRecord, text } from "../call.js";
import type { PrintedRecord } from "../record.js";
import { OVERFLOW } from "../runtime.js";
import { be } from "./bytes.js";

const MAINTENANCE_IN: Readonly<Record<number, string>> = {
  5: "REPORT_IDENTIFYING_INFORMATION",
  10: "REPORT_TARGET_PORT_GROUPS",
  11: "REPORT_ALIASES",
  12: "REPORT_SUPPORTED_OPERATION_CODES",
  13: "REPORT_SUPPORTED_TASK_MANAGEMENT_FUNCTIONS",
  14: "REPORT_PRIORITY",
  15: "REPORT_TIMESTAMP",
  16: "MANAGEMENT_PROTOCOL_IN",
};
const MAINTENANCE_OUT: Readonly<Record<number, string>> = {
  6: "SET_IDENTIFYING_INFORMATION",
  10: "SET_TARGET_PORT_GROUPS",
  11: "CHANGE_ALIASES",
  14: "SET_PRIORITY",
  15: "SET_TIMESTAMP",
  16: "MANAGEMENT_PROTOCOL_OUT",
};
const ZBC_OUT: Readonly<Record<number, string>> = {
  1: "CLOSE_ZONE",
  2: "FINISH_ZONE",
  3: "OPEN_ZONE",
  4: "RESET_WRITE_POINTER",
};
const VARLEN: Readonly<Record<number, string>> = { 9: "READ", 10: "VERIFY", 11: "WRITE", 13: "WRITE_SAME" };

/** Bytes of a command, by the group of its first (COMMAND_SIZE(), include/scsi/scsi_common.h); the longest of a variable one. */
const SIZES = [6, 10, 10, 32, 16, 12];

/** scsi_trace_parse_cdb(), which reads a whole command however few bytes of it the record has. */
function scsiCdb({ u, start, end }: PrintedRecord, at: number): string {
  if (at < start || at >= end) return OVERFLOW;
  const cdb = new Uint8Array(32);
  cdb.set(u.subarray(at, Math.min(end, at + 32)));
  const text = parsedCdb(cdb);
  return text !== "-" && at + (SIZES[cdb[0]! >> 5] ?? 0) > end ? text + OVERFLOW : text;
}

/** drivers/scsi/scsi_trace.c */
function parsedCdb(cdb: Uint8Array): string {
  const action = cdb[1]! & 0x1f;
  switch (cdb[0]) {
    case 0x08:
    case 0x0a: {
      const length = cdb[4] === 0 ? 256 : cdb[4]!;
      return `lba=${((cdb[1]! & 0x1f) << 16) | (cdb[2]! << 8) | cdb[3]!} txlen=${length}`;
    }
    case 0x28:
    case 0x2f:
    case 0x2a:
    case 0x41: {
      const text = `lba=${be(cdb, 2, 4)} txlen=${be(cdb, 7, 2)} protect=${cdb[1]! >> 5}`;
      return cdb[0] === 0x41 ? `${text} unmap=${(cdb[1]! >> 3) & 1}` : text;
    }
    case 0xa8:
    case 0xaf:
    case 0xaa:
      return `lba=${be(cdb, 2, 4)} txlen=${be(cdb, 6, 4)} protect=${cdb[1]! >> 5}`;
    case 0x88:
    case 0x8f:
    case 0x8a:
    case 0x93: {
      const text = `lba=${be(cdb, 2, 8)} txlen=${be(cdb, 10, 4)} protect=${cdb[1]! >> 5}`;
      return cdb[0] === 0x93 ? `${text} unmap=${(cdb[1]! >> 3) & 1}` : text;
    }
    case 0x9c:
      return `lba=${be(cdb, 2, 8)} txlen=${be(cdb, 12, 2)} boundary_size=${be(cdb, 10, 2)}`;
    case 0x42:
      return `regions=${Math.floor(((((cdb[7]! << 8) | cdb[8]!) - 8) >>> 0) / 16)}`;
    case 0x9e: {
      const name = { 16: "READ_CAPACITY_16", 18: "GET_LBA_STATUS" }[action];
      return name === undefined ? "UNKNOWN" : `${name} lba=${be(cdb, 2, 8)} alloc_len=${be(cdb, 10, 4)}`;
    }
    case 0x7f: {
      const service = (cdb[8]! << 8) | cdb[9]!;
      const name = Object.hasOwn(VARLEN, service) ? VARLEN[service] : undefined;
      if (name === undefined) return "-";
      const text = `${name}_32 lba=${be(cdb, 12, 8)} txlen=${be(cdb, 28, 4)} protect=${cdb[10]! >> 5} ei_lbrt=${be(cdb, 20, 4)}`;
      return service === 0x0d ? `${text} unmap=${(cdb[10]! >> 3) & 1}` : text;
    }
    case 0xa3:
    case 0xa4: {
      const names = cdb[0] === 0xa3 ? MAINTENANCE_IN : MAINTENANCE_OUT;
      return Object.hasOwn(names, action) ? `${names[action]} alloc_len=${be(cdb, 6, 4)}` : "UNKNOWN";
    }
    case 0x95:
      if (action !== 0) return "UNKNOWN";
      return `REPORT_ZONES zone=${be(cdb, 2, 8)} alloc_len=${be(cdb, 10, 4)} options=${cdb[14]! & 0x3f} partial=${cdb[14]! >> 7}`;
    case 0x94:
      if (!Object.hasOwn(ZBC_OUT, action)) return "UNKNOWN";
      return `${ZBC_OUT[action]} zone=${be(cdb, 2, 8)} all=${cdb[14]! & 1}`;
  }
  return "-";
}

export const SCSI_CALLS: Calls = {
  scsi_trace_parse_cdb: (g, args, at) => text(`${g.keep(scsiCdb)}(R,${inRecord(g, arg(args, 1, at))})`),
};
