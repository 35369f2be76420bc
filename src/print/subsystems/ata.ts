import { type Calls, words } from "../call.js";

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
function ataStatus(status: number): string {
  return `{ ${bitNames(status & 0xff, ATA_STATUS)}}`;
}

/** libata_trace_parse_host_stat(). */
function ataHostStat(status: number): string {
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
function ataEhAction(action: number): string {
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
function ataEhErrMask(mask: number): string {
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
  [0x10000, "FAILED"],
  [0x20000, "SENSE_VALID"],
  [0x40000, "EH_SCHEDULED"],
] as const;

/** libata_trace_parse_qc_flags(). */
function ataQcFlags(flags: number): string {
  return valueAndNames(flags, bitNames(flags, QC_FLAGS));
}

const TF_FLAGS = "LBA48 ISADDR DEV WRITE LBA FUA POLL".split(" ").map((name, i) => [1 << i, name] as const);

/** libata_trace_parse_tf_flags(). */
function ataTfFlags(flags: number): string {
  return valueAndNames(flags, bitNames(flags, TF_FLAGS));
}

/** libata_trace_parse_subcmd(). */
function ataSubcmd(command: number, feature: number, hobNsect: number): string {
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

export const ATA_CALLS: Calls = {
  libata_trace_parse_status: words(ataStatus, 1),
  libata_trace_parse_host_stat: words(ataHostStat, 1),
  libata_trace_parse_eh_action: words(ataEhAction, 1),
  libata_trace_parse_eh_err_mask: words(ataEhErrMask, 1),
  libata_trace_parse_qc_flags: words(ataQcFlags, 1),
  libata_trace_parse_tf_flags: words(ataTfFlags, 1),
  libata_trace_parse_subcmd: words(ataSubcmd, 3),
};
