import { ProtoWriter } from "./proto.js";

/** Trace.packet */
const PACKET = 1;
/** TracePacket */
const SEQUENCE_ID = 10;

/** Who wrote a packet: the kernel's events, or rbtool with what it has to say of them. */
export const SEQUENCE = { events: 1, marks: 2 } as const;

/** TracePackets, one behind another, as the trace holds them. */
export class Packets {
  private readonly inside = new ProtoWriter(1024);
  private readonly out = new ProtoWriter(1024);

  constructor(private readonly sequence: number) {}

  add(write: (out: ProtoWriter) => void): void {
    const { inside, out } = this;
    inside.at = 0;
    write(inside);
    inside.uint(SEQUENCE_ID, this.sequence);
    out.raw(PACKET, inside.written);
  }

  /** Gives them away, and begins anew. */
  take(): Buffer {
    return this.out.take();
  }
}

/** One TracePacket of the kernel's events. */
export function packet(write: (out: ProtoWriter) => void): Buffer {
  const packets = new Packets(SEQUENCE.events);
  packets.add(write);
  return packets.take();
}
