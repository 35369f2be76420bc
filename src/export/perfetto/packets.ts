import { ProtoWriter } from "./proto.js";

/** Trace.packet */
const PACKET = 1;
/** TracePacket */
const SEQUENCE_ID = 10;

/** Who wrote a packet: the kernel's events, or rbtool with what it has to say of them. */
export const SEQUENCE = { events: 1, marks: 2 } as const;

/** One TracePacket, as the trace holds it. */
export function packet(write: (out: ProtoWriter) => void, sequence: number = SEQUENCE.events): Buffer {
  const inside = new ProtoWriter(1024);
  write(inside);
  inside.uint(SEQUENCE_ID, sequence);
  const out = new ProtoWriter(16);
  out.raw(PACKET, inside.take());
  return out.take();
}
