import { type Calls, named, words } from "../call.js";

/** drivers/usb/dwc3/debug.h, core.h and gadget.h (6.12.117 and 7.3.4). */

const EP_COMMANDS =
  ",Set Endpoint Configuration,Set Endpoint Transfer Resource,Get Endpoint State,Set Stall,Clear Stall,Start Transfer,Update Transfer,End Transfer,Start New Configuration".split(
    ",",
  );

const GENERIC_COMMANDS: Readonly<Record<number, string>> = {
  1: "Set LMP",
  2: "Set Periodic Parameters",
  3: "Transmit Function Wake Device Notification",
  4: "Set Scratchpad Buffer Array Address Lo",
  5: "Set Scratchpad Buffer Array Address Hi",
  7: "Device Notification",
  9: "Selected FIFO Flush",
  10: "All FIFO Flush",
  12: "Set Endpoint NRDY",
  13: "Set Endpoint Prime",
  16: "Run SoC Bus Loopback Test",
};

const TRB_TYPES = "normal setup status2 status3 data isoc-first isoc link".split(" ");

const LINK_STATES: Readonly<Record<number, string>> = {
  ..."U0,U1,U2,U3,SS.Disabled,RX.Detect,SS.Inactive,Polling,Recovery,Hot Reset,Compliance,Loopback".split(","),
  14: "Reset",
  15: "Resume",
};

const DEVICE_EVENTS: Readonly<Record<number, string>> = {
  0: "Disconnect:",
  1: "Reset",
  2: "Connection Done",
  3: "Link Change",
  4: "WakeUp",
  6: "Suspend",
  7: "Start-Of-Frame",
  9: "Erratic Error",
  10: "Command Complete",
  11: "Overflow",
};

const EP0_STATES = ["Unconnected", "Setup Phase", "Data Phase", "Status Phase"];

/** dwc3_decode_event(): union dwc3_event, struct dwc3_event_devt and dwc3_event_depevt. */
function decodeEvent(event: number, ep0state: number): string {
  if (event & 1) {
    const name = DEVICE_EVENTS[(event >>> 8) & 0xf];
    return name === undefined ? "UNKNOWN" : `${name} [${LINK_STATES[(event >>> 16) & 0xf] ?? "UNKNOWN link state"}]`;
  }
  const ep = (event >>> 1) & 0x1f;
  const status = (event >>> 12) & 0xf;
  const parameters = event >>> 16;
  const hex = parameters.toString(16).padStart(8, "0");
  const flag = (bit: number, letter: string) => ((status >> bit) & 1 ? letter.toUpperCase() : letter);
  const head = `ep${ep >> 1}${ep & 1 ? "in" : "out"}: `;
  switch ((event >>> 6) & 0xf) {
    case 1: {
      const phase = ep <= 1 ? ` [${EP0_STATES[ep0state] ?? "UNKNOWN"}]` : "";
      return `${head}Transfer Complete (${flag(1, "s")}${flag(2, "i")}${flag(3, "l")})${phase}`;
    }
    case 2:
      return `${head}Transfer In Progress [${hex}] (${flag(1, "s")}${flag(2, "i")}${flag(3, "m")})`;
    case 3: {
      const phase = ep <= 1 ? (["", " [Data Phase]", " [Status Phase]"][status & 3] ?? "") : "";
      return `${head}Transfer Not Ready [${hex}]${status & 8 ? " (Active)" : " (Not Active)"}${phase}`;
    }
    case 4:
      return `${head}FIFO`;
    case 6:
      return `${head}${status === 1 ? ` Stream ${parameters} Found` : " Stream Not Found"}`;
    case 7:
      return `${head}Endpoint Command Complete`;
  }
  return `${head}UNKNOWN`;
}

/** An int: 0, a status of the core, or -ETIMEDOUT. */
const status =
  (names: readonly string[]) =>
  (value: number): string =>
    (value | 0) === -110 ? "Timed Out" : (names[value] ?? "UNKNOWN");

export const DWC3_CALLS: Calls = {
  dwc3_mode_string: named(["UNKNOWN", "host", "device", "otg"], "UNKNOWN"),
  dwc3_gadget_ep_cmd_string: words((cmd) => EP_COMMANDS[cmd & 0xff] || "UNKNOWN command", 1),
  dwc3_gadget_generic_cmd_string: words((cmd) => GENERIC_COMMANDS[cmd & 0xff] ?? "UNKNOWN", 1),
  dwc3_trb_type_string: words((type) => TRB_TYPES[type / 16 - 1] ?? "UNKNOWN", 1),
  dwc3_decode_event: words(decodeEvent, 2),
  dwc3_ep_cmd_status_string: words(status(["Successful", "No Resource", "Bus Expiry"]), 1),
  dwc3_gadget_generic_cmd_status_string: words(status(["Successful", "Error"]), 1),
};
