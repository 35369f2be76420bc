import { U64 } from "../../system/formats/ctype.js";
import { arg, type Calls, type Emit, named, since, text, uint, words } from "../call.js";
import { library } from "../library.js";
import type { PrintedRecord } from "../record.js";

/** include/uapi/linux/usb/ch9.h enum usb_device_speed, drivers/usb/common/common.c usb_speed_string(). */
const SPEEDS = "UNKNOWN low-speed full-speed high-speed wireless super-speed super-speed-plus".split(" ");

/** enum usb_device_state, usb_state_string(). */
const STATES =
  "not attached,attached,powered,reconnecting,unauthenticated,default,addressed,configured,suspended".split(",");

const DEVICE_FEATURES: Readonly<Record<number, string>> = {
  0: "Self Powered",
  1: "Remote Wakeup",
  2: "Test Mode",
  48: "U1 Enable",
  49: "U2 Enable",
  50: "LTM Enable",
};

const TEST_MODES = ["", "TEST_J", "TEST_K", "TEST_SE0_NAK", "TEST_PACKET", "TEST_FORCE_EN"];

const DESCRIPTORS: Readonly<Record<number, string>> = {
  1: "Device",
  2: "Configuration",
  3: "String",
  4: "Interface",
  5: "Endpoint",
  6: "Device Qualifier",
  7: "Other Speed Config",
  8: "Interface Power",
  9: "OTG",
  10: "Debug",
  11: "Interface Association",
  15: "BOS",
  16: "Device Capability",
  36: "Pipe Usage",
  48: "SS Endpoint Companion",
  49: "SSP Isochronous Endpoint Companion",
};

/** struct usb_ctrlrequest: what a setup packet has. */
type Setup = readonly [type: number, request: number, value: number, index: number, length: number];

/** drivers/usb/common/debug.c usb_decode_ctrl() (USB 3.2 9.4; the same in 6.12 and 7.3). */
function usbDecodeCtrl(setup: readonly number[]): string {
  const [type, request, value, index, length] = setup as Setup;
  if ((type & 0x60) === 0) {
    const standard = standardRequest(setup as Setup);
    if (standard !== undefined) return standard;
  }
  const kind = ["Standard", "Class", "Vendor"][(type >> 5) & 3] ?? "Unknown";
  const recipient = ["Device", "Interface", "Endpoint"][type & 0x1f] ?? "Unknown";
  return `Type=${kind} Recipient=${recipient} Dir=${type & 0x80 ? "IN" : "OUT"} bRequest=${request} wValue=${value} wIndex=${index} wLength=${length}`;
}

function standardRequest([type, request, value, index, length]: Setup): string | undefined {
  const recipient = type & 0x1f;
  const endpoint = `ep${index & ~0x80}${index & 0x80 ? "in" : "out"}`;
  switch (request) {
    case 0:
      // Another recipient leaves the buffer as it is.
      return (
        [
          `Get Device Status(Length = ${length})`,
          `Get Interface Status(Intf = ${index}, Length = ${length})`,
          `Get Endpoint Status(${endpoint})`,
        ][recipient] ?? ""
      );
    case 1:
    case 3: {
      const verb = request === 1 ? "Clear" : "Set";
      const test = value === 2 ? `: ${TEST_MODES[index] || "UNKNOWN"}` : "";
      return (
        [
          `${verb} Device Feature(${DEVICE_FEATURES[value] ?? "UNKNOWN"}${test})`,
          `${verb} Interface Feature(${value === 0 ? "Function Suspend" : "UNKNOWN"})`,
          `${verb} Endpoint Feature(${value === 0 ? "Halt" : "UNKNOWN"} ${endpoint})`,
        ][recipient] ?? ""
      );
    }
    case 5:
      return `Set Address(Addr = ${value.toString(16).padStart(2, "0")})`;
    case 6:
    case 7:
      return `${request === 6 ? "Get" : "Set"} ${DESCRIPTORS[value >> 8] ?? "UNKNOWN"} Descriptor(Index = ${value & 0xff}, Length = ${length})`;
    case 8:
      return `Get Configuration(Length = ${length})`;
    case 9:
      return `Set Configuration(Config = ${value & 0xff})`;
    case 10:
      return `Get Interface(Intf = ${index}, Length = ${length})`;
    case 11:
      return `Set Interface(Intf = ${index}, Alt.Setting = ${value & 0xff})`;
    case 12:
      return `Synch Frame(Endpoint = ${index}, Length = ${length})`;
    case 48:
      return `Set SEL(Length = ${length})`;
    case 49:
      return `Set Isochronous Delay(Delay = ${value & 0xff} ns)`;
  }
  return undefined;
}

/** drivers/usb/typec/ucsi/trace.c: enum of UCSI commands (UCSI 1.2, table 4-6). */
const UCSI_COMMANDS =
  "Unknown command,PPM_RESET,CANCEL,CONNECTOR_RESET,ACK_CC_CI,SET_NOTIFICATION_ENABLE,GET_CAPABILITY,GET_CONNECTOR_CAPABILITY,SET_CCOM,SET_UOR,SET_PDM,SET_PDR,GET_ALTERNATE_MODES,GET_CAM_SUPPORTED,GET_CURRENT_CAM,SET_NEW_CAM,GET_PDOS,GET_CABLE_PROPERTY,GET_CONNECTOR_STATUS,GET_ERROR_STATUS".split(
    ",",
  );

/** SET_CCOM was SET_UOM (USB Operation Mode) in 6.12. */
const OLD_UCSI_COMMANDS = UCSI_COMMANDS.map((name) => (name === "SET_CCOM" ? "SET_UOM" : name));

function ucsiCommand(names: readonly string[], raw: bigint): string {
  const command = Number(raw & 0xffn);
  return names[command] ?? names[0]!;
}

const ucsi =
  (names: readonly string[]): Emit =>
  (g, args, at) =>
    text(`${g.keep(ucsiCommand)}(${g.keep(names)},${g.big(g.convert(g.expr(arg(args, 0, at)), U64))})`);

const RECIPIENTS = ["port", "partner", "plug (prime)", "plug (double prime)"];

/** ucsi_recipient_str(): an index into its table, unchecked. */
function ucsiRecipient(r: PrintedRecord, recipient: number): string {
  if (recipient >= RECIPIENTS.length)
    r.fatal = "its recipient lies outside the table of names, and what is there is printed as text";
  return library.pick(r, "name", RECIPIENTS, recipient);
}

export const USB_CALLS: Calls = {
  usb_speed_string: named(SPEEDS, "UNKNOWN"),
  usb_state_string: named(STATES, "UNKNOWN"),
  usb_decode_ctrl: words((...setup) => usbDecodeCtrl(setup), 5),
  // 6.12.117 has the old name, 7.3.4 the new one.
  ucsi_cmd_str: since("6.13.0", ucsi(UCSI_COMMANDS), ucsi(OLD_UCSI_COMMANDS)),
  ucsi_recipient_str: (g, args, at) => {
    g.canKill = true;
    return text(`${g.keep(ucsiRecipient)}(R,${uint(g, arg(args, 0, at))})`);
  },
};
