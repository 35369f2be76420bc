import { arg, type Calls, inRecord, named, text } from "../call.js";
import type { PrintedRecord } from "../record.js";
import { OVERFLOW } from "../runtime.js";

/** drivers/firmware/efi/cper.c (6.12.117 and 7.3.4); UEFI 2.10, appendix N. */

const SEVERITIES = ["recoverable", "fatal", "corrected", "info"];
const MEMORY_ERRORS =
  "unknown,no error,single-bit ECC,multi-bit ECC,single-symbol chipkill ECC,multi-symbol chipkill ECC,master abort,target abort,parity error,watchdog timeout,invalid address,mirror Broken,memory sparing,scrub corrected error,scrub uncorrected error,physical memory map-out event".split(
    ",",
  );

/** Bytes of struct cper_mem_err_compact (include/linux/cper.h), which is packed. */
const SIZE = 55;

/** cper_mem_err_unpack(): each part that its bit of validation_bits calls valid. */
function memoryError(r: PrintedRecord, at: number): string {
  if (!r.has(at, SIZE)) return OVERFLOW;
  const { d, littleEndian } = r;
  const valid = d.getUint32(littleEndian ? at : at + 4, littleEndian);
  const u16 = (from: number) => d.getUint16(at + from, littleEndian);
  const u64 = (from: number) =>
    d
      .getBigUint64(at + from, littleEndian)
      .toString(16)
      .padStart(16, "0");
  const bank = u16(14);
  const extended = d.getUint8(at + 54);
  let out = "";
  const add = (mask: number, name: string, value: number | string) => {
    if ((valid & mask) !== 0) out += `${name}:${value} `;
  };
  add(0x8, "node", u16(8));
  add(0x10, "card", u16(10));
  add(0x20, "module", u16(12));
  add(0x8000, "rank", u16(48));
  add(0x40, "bank", bank);
  add(0x80000, "bank_group", bank >> 8);
  add(0x100000, "bank_address", bank & 0xff);
  add(0x80, "device", u16(16));
  add(0x40100, "row", u16(18) | ((valid & 0x40000) !== 0 ? (extended & 3) << 16 : 0));
  add(0x200, "column", u16(20));
  add(0x400, "bit_position", u16(22));
  add(0x800, "requestor_id", `0x${u64(24)}`);
  add(0x1000, "responder_id", `0x${u64(32)}`);
  add(0x2000, "target_id", `0x${u64(40)}`);
  add(0x200000, "chip_id", extended >> 5);
  // The names of the module's place are in the firmware's tables.
  if ((valid & 0x20000) !== 0) out += `DIMM location: <dmi_memdev_name(0x${u16(52).toString(16)})> `;
  return out;
}

export const CPER_CALLS: Calls = {
  cper_severity_str: named(SEVERITIES, "unknown"),
  cper_mem_err_type_str: named(MEMORY_ERRORS, "unknown"),
  cper_mem_err_unpack: (g, args, at) => text(`${g.keep(memoryError)}(R,${inRecord(g, arg(args, 1, at))})`),
};
