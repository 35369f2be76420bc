import { arg, type Calls, inRecord, named, text, uint } from "../call.js";
import type { PrintedRecord } from "../record.js";
import { OVERFLOW } from "../runtime.js";

/** drivers/infiniband/hw/irdma/trace.c, cm.h; include/rdma/iw_cm.h (6.12.117 and 7.3.4). */

const STATES =
  "UNKNOWN INITED LISTENING SYN_RCVD SYN_SENT ONE_SIDE_ESTABLISHED ESTABLISHED ACCEPTING MPAREQ_SENT MPAREQ_RCVD MPAREJ_RECVD OFFLOADED FIN_WAIT1 FIN_WAIT2 CLOSE_WAIT TIME_WAIT LAST_ACK CLOSING LISTENER_DESTROYED CLOSED".split(
    " ",
  );
const CM_EVENTS =
  "none CmEstablished CmMPA_REQ CmMPA_CONNECT CmMPA_ACCEPT CmMPA_REJECT CmMPA_ESTABLISHED CmConnected CmReset CmAborted".split(
    " ",
  );
const IW_EVENTS: Readonly<Record<number, string>> = {
  1: "IwRequest",
  2: "IwReply",
  3: "IwEstablished",
  4: "IwDisconnect",
  5: "IwClose",
};

/** print_ip_addr(): an IPv4 address lies as a number of the machine, an IPv6 one as it goes over the wire. */
function ipAddress(r: PrintedRecord, at: number, port: number, ipv4: number): string {
  if (!r.has(at, ipv4 ? 4 : 16)) return OVERFLOW;
  const { d, u, littleEndian } = r;
  // htons() changes places on a little-endian machine only.
  const shown = littleEndian ? ((port & 0xff) << 8) | ((port >> 8) & 0xff) : port & 0xffff;
  if (ipv4) {
    const address = d.getUint32(at, littleEndian);
    return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}:${shown}`;
  }
  let out = "";
  for (let i = 0; i < 16; i++) out += (i > 0 && i % 2 === 0 ? ":" : "") + u[at + i]!.toString(16).padStart(2, "0");
  return `${out}:${shown}`;
}

export const IRDMA_CALLS: Calls = {
  parse_cm_state: named(STATES, "Bad state"),
  parse_cm_event_type: named(CM_EVENTS, "Unknown"),
  parse_iw_event_type: named(IW_EVENTS, "Unknown"),
  print_ip_addr: (g, args, at) => {
    const [port, ipv4] = [2, 3].map((i) => uint(g, arg(args, i, at)));
    return text(`${g.keep(ipAddress)}(R,${inRecord(g, arg(args, 1, at))},${port},${ipv4})`);
  },
};
