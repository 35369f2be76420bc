import { hexBytes, type NameTable, OVERFLOW } from "./runtime.js";

/**
 * Kernel functions that print formats call, as text from values. Each names the file that has it. What they read of
 * the record is bounds-checked by the caller's `start` and `end`.
 */

/** include/linux/edac.h mc_event_error_type(). */
export function mcEventErrorType(type: number): string {
  return ["Corrected", "Uncorrected", "Deferred", "Fatal"][type] ?? "Info";
}

const HYPERCALLS =
  "set_trap_table mmu_update set_gdt stack_switch set_callbacks fpu_taskswitch sched_op_compat platform_op set_debugreg get_debugreg update_descriptor  memory_op multicall update_va_mapping set_timer_op event_channel_op_compat xen_version console_io physdev_op_compat grant_table_op vm_assist update_va_mapping_otherdomain iret vcpu_op set_segment_base mmuext_op xsm_op nmi_op sched_op callback_op xenoprof_op event_channel_op physdev_op hvm_op".split(
    " ",
  );

/** arch/x86/xen/trace.c xen_hypercall_name(). */
export function xenHypercallName(op: number): string {
  const name = HYPERCALLS[op];
  return name ? `(${name})` : "";
}

function bitNames(value: number, names: readonly (readonly [number, string])[]): string {
  let out = "";
  for (const [bit, name] of names) if (value & bit) out += `${name} `;
  return out;
}

const ATA_STATUS = [
  [0x80, "BUSY"],
  [0x40, "DRDY"],
  [0x20, "DF"],
  [0x10, "DSC"],
  [8, "DRQ"],
  [4, "CORR"],
  [2, "SENSE"],
  [1, "ERR"],
] as const;

/** drivers/ata/libata-trace.c libata_trace_parse_status(). */
export function ataStatus(status: number): string {
  return `{ ${bitNames(status & 0xff, ATA_STATUS)}}`;
}

/** libata_trace_parse_host_stat(). */
export function ataHostStat(status: number): string {
  return `{ ${bitNames(status & 0xff, [
    [4, "INTR"],
    [2, "ERR"],
    [1, "ACTIVE"],
  ])}}`;
}

function valueAndNames(value: number, names: string): string {
  return value === 0 ? "0" : `${value.toString(16)}{ ${names}}`;
}

/** libata_trace_parse_eh_action(). */
export function ataEhAction(action: number): string {
  return valueAndNames(
    action,
    bitNames(action, [
      [1, "REVALIDATE"],
      [6, "RESET"],
      [8, "ENABLE_LINK"],
      [0x20, "PARK"],
    ]),
  );
}

const AC_ERR = "DEV HSM TIMEOUT MEDIA ATA_BUS HOST_BUS SYSTEM INVALID OTHER NODEV_HINT NCQ"
  .split(" ")
  .map((name, i) => [1 << i, name] as const);

/** libata_trace_parse_eh_err_mask(). */
export function ataEhErrMask(mask: number): string {
  return valueAndNames(mask, bitNames(mask, AC_ERR));
}

const QC_FLAGS = [
  [1, "ACTIVE"],
  [2, "DMAMAP"],
  [8, "IO"],
  [0x10, "RESULT_TF"],
  [0x20, "CLEAR_EXCL"],
  [0x40, "QUIET"],
  [0x80, "RETRY"],
  [0x10000, "EH"],
  [0x20000, "SENSE_VALID"],
  [0x40000, "EH_SCHEDULED"],
] as const;

/** libata_trace_parse_qc_flags(). */
export function ataQcFlags(flags: number): string {
  return valueAndNames(flags, bitNames(flags, QC_FLAGS));
}

const TF_FLAGS = "LBA48 ISADDR DEV WRITE LBA FUA POLL".split(" ").map((name, i) => [1 << i, name] as const);

/** libata_trace_parse_tf_flags(). */
export function ataTfFlags(flags: number): string {
  return valueAndNames(flags, bitNames(flags, TF_FLAGS));
}

/** libata_trace_parse_subcmd(). */
export function ataSubcmd(command: number, feature: number, hobNsect: number): string {
  const name = (names: Readonly<Record<number, string>>, key: number) =>
    Object.hasOwn(names, key) ? ` ${names[key]!}` : "";
  switch (command) {
    case 0x65:
      return name({ 1: "READ_LOG_DMA_EXT", 2: "ZAC_MGMT_IN" }, hobNsect & 0x5f);
    case 0x64:
      return name({ 0: "DATASET_MANAGEMENT", 2: "WRITE_LOG_DMA_EXT" }, hobNsect & 0x5f);
    case 0x63:
      return name({ 0: "ABORT_QUEUE", 5: "SET_FEATURES", 6: "ZERO_EXT", 7: "ZAC_MGMT_OUT" }, feature);
    case 0x4a:
      return name({ 0: "REPORT_ZONES" }, feature);
    case 0x9f:
      return name({ 1: "CLOSE_ZONE", 2: "FINISH_ZONE", 3: "OPEN_ZONE", 4: "RESET_WRITE_POINTER" }, feature);
  }
  return "";
}

function be(u: Uint8Array, at: number, size: number): bigint {
  let v = 0n;
  for (let i = 0; i < size; i++) v = (v << 8n) | BigInt(u[at + i]!);
  return v;
}

function le(u: Uint8Array, at: number, size: number): bigint {
  let v = 0n;
  for (let i = size - 1; i >= 0; i--) v = (v << 8n) | BigInt(u[at + i]!);
  return v;
}

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

/** drivers/scsi/scsi_trace.c scsi_trace_parse_cdb(). */
export function scsiCdb(u: Uint8Array, at: number, _length: number, start: number, end: number): string {
  if (at < start || at >= end) return OVERFLOW;
  const cdb = new Uint8Array(32);
  cdb.set(u.subarray(at, Math.min(end, at + 32)));
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

/** drivers/nvme/host/trace.c nvme_trace_disk_name(). */
export function nvmeDiskName(name: string): string {
  return name === "" ? "" : `disk=${name}, `;
}

/** The 24 bytes of cdw10 to cdw15, zeros where the record ends early; undefined when none is there. */
function dwords(u: Uint8Array, at: number, start: number, end: number): Uint8Array | undefined {
  if (at < start || at + 24 > end) return undefined;
  return u.subarray(at, at + 24);
}

const hex = (v: bigint | number): string => `0x${v.toString(16)}`;

function nvmeCommon(c: Uint8Array, word = "cdw10"): string {
  return `${word}=${hexBytes(c, 0, 24, 0, 24, " ")}`;
}

/** nvme_trace_parse_admin_cmd(). */
export function nvmeAdmin(opcode: number, u: Uint8Array, at: number, start: number, end: number): string {
  const c = dwords(u, at, start, end);
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

/** nvme_trace_parse_nvm_cmd(). */
export function nvmeNvm(opcode: number, u: Uint8Array, at: number, start: number, end: number): string {
  const c = dwords(u, at, start, end);
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
      return `slba=${le(c, 0, 8)}, zsa=${c[12]}, all=${c[13]}`;
    case 0x7a:
      return `slba=${le(c, 0, 8)}, numd=${le(c, 8, 4)}, zra=${c[12]}, zrasf=${c[13]}, pr=${c[14]}`;
    case 0x0d:
      return `rrega=${c[0]! & 7}, iekey=${(c[0]! >> 3) & 1}, ptpl=${c[3]! >> 6}`;
    case 0x11:
      return `racqa=${c[0]! & 7}, iekey=${(c[0]! >> 3) & 1}, rtype=${c[1]}`;
    case 0x15:
      return `rrela=${c[0]! & 7}, iekey=${(c[0]! >> 3) & 1}, rtype=${c[1]}`;
    case 0x0e:
      return `numd=${le(c, 0, 4)}, eds=${c[4]! & 1}`;
  }
  return nvmeCommon(c);
}

/** nvme_trace_parse_fabrics_cmd(). */
export function nvmeFabrics(type: number, u: Uint8Array, at: number, start: number, end: number): string {
  const c = dwords(u, at, start, end);
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
      return `spsp0=${byte(1)}, spsp1=${byte(2)}, secp=${byte(3)}, al${(type & 0xff) === 5 ? "l" : ""}=${le(c, 4, 4)}`;
    }
  }
  return nvmeCommon(c, "specific");
}

/** drivers/iommu/intel/iommu.h decode_prq_descriptor(). */
export function prqDescriptor(dw0: bigint, dw1: bigint, dw2: bigint, dw3: bigint): string {
  const field = (v: bigint, high: number, low: number) => (v >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);
  const flag = (v: bigint, bit: number, c: string) => ((v >> BigInt(bit)) & 1n ? c : "-");
  const access = flag(dw1, 0, "r") + flag(dw1, 1, "w") + flag(dw0, 52, "x") + flag(dw0, 53, "p") + flag(dw1, 2, "l");
  const text = `rid=${hex(field(dw0, 31, 16))} addr=${hex(field(dw1, 63, 12))} ${access} pasid=${hex(field(dw0, 51, 32))} index=${hex(field(dw1, 11, 3))}`;
  return (dw0 >> 9n) & 1n ? `${text} private=${hex(dw2)}/${hex(dw3)}\n` : text;
}

const ESCAPED: Readonly<Record<number, string>> = {
  10: "\\n",
  13: "\\r",
  9: "\\t",
  11: "\\v",
  12: "\\f",
  92: "\\\\",
  7: "\\a",
  27: "\\e",
  34: '\\"',
};

/** include/trace/events/landlock.h __trace_print_untrusted_str(): escapes all that could be taken for a separator. */
export function untrusted(u: Uint8Array, at: number, length: number, start: number, end: number): string {
  const limit = 6144;
  const sane = Math.max(0, length);
  if (at < start || at > end) return OVERFLOW;
  let out = "";
  const stop = Math.min(end, at + sane);
  for (let i = at; i < stop; i++) {
    const c = u[i]!;
    const plain = c > 0x20 && c < 0x7f && c !== 0x3d && c !== 0x27 && c !== 0x22 && c !== 0x5c;
    const piece = plain ? String.fromCharCode(c) : (ESCAPED[c] ?? `\\${c.toString(8).padStart(3, "0")}`);
    // The ellipsis that marks a cut, as the bytes of its UTF-8 form.
    if (out.length + piece.length > limit - 4) return `${out}\xe2\x80\xa6`;
    out += piece;
  }
  return at + sane > end ? out + OVERFLOW : out;
}

/** include/trace/events/landlock.h __trace_landlock_print_layers(). */
export function landlockLayers(
  d: DataView,
  littleEndian: boolean,
  at: number,
  count: number,
  table: NameTable,
  start: number,
  end: number,
): string {
  const layers: string[] = [];
  for (let i = 0; i < count; i++) {
    const p = at + i * 4;
    if (p < start || p + 4 > end) {
      layers.push(OVERFLOW);
      break;
    }
    let mask = d.getUint32(p, littleEndian);
    const names: string[] = [];
    for (let j = 0; mask !== 0 && j < table.names.length; j++) {
      const m = table.lo[j]!;
      if ((mask & m) >>> 0 !== m) continue;
      names.push(table.names[j]!);
      mask = (mask & ~m) >>> 0;
    }
    layers.push(names.join("|"));
  }
  return `{${layers.join(",")}}`;
}

/** lib/hexdump.c hex_dump_to_buffer() lines, as trace_print_hex_dump_seq() prints them (groups of 1 byte, or as one number each). */
export function hexDump(
  u: Uint8Array,
  at: number,
  length: number,
  start: number,
  end: number,
  prefix: string,
  prefixType: number,
  rowSize: number,
  _groupSize: number,
  ascii: boolean,
): string {
  const row = rowSize === 32 ? 32 : 16;
  if (at < start || at > end) return OVERFLOW;
  const stop = Math.min(end, at + Math.max(0, length));
  let out = "\n";
  for (let p = at; p < stop; p += row) {
    const until = Math.min(stop, p + row);
    const hexes = hexBytes(u, p, until - p, start, end, " ");
    const place = prefixType === 2 ? `${(p - at).toString(16).padStart(8, "0")}: ` : "";
    let text = "";
    if (ascii) {
      text = " ".repeat(row * 3 - 1 - hexes.length + 2);
      for (let i = p; i < until; i++) text += u[i]! >= 0x20 && u[i]! < 0x7f ? String.fromCharCode(u[i]!) : ".";
    }
    out += `${prefix}${place}${hexes}${text}\n`;
  }
  return at + length > end ? out + OVERFLOW : out;
}
