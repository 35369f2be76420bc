import { intType } from "../../system/formats/ctype.js";
import { arg, type Calls, type Emit, inRecord, since, text, uint } from "../call.js";
import { library } from "../library.js";
import { ip, macText } from "../pointers.js";
import type { PrintedRecord } from "../record.js";
import { OVERFLOW } from "../runtime.js";

/**
 * drivers/net/ethernet/mellanox/mlx5/core/diag/fs_tracepoint.c, include/linux/mlx5/mlx5_ifc.h and fs.h (6.12.117 and
 * 7.3.4). The match sets are in the device's layout: big-endian words, bits counted from the top.
 */

/** Bits of a match set, as MLX5_GET() reads them; none of those here crosses a word. */
function bits(d: DataView, at: number, offset: number, width: number): number {
  const word = d.getUint32(at + (offset >>> 5) * 4, false);
  return (word >>> (32 - width - (offset & 31))) & (width === 32 ? -1 : 2 ** width - 1);
}

/** [name, first bit, bits, base, digits, bits that its variable holds]. */
type Shown = readonly [name: string, offset: number, width: number, base: 10 | 16, digits?: number, held?: number];

const LAYERS_2_TO_4: readonly Shown[] = [
  ["ip_protocol", 0x80, 8, 16, 2],
  ["tcp_flags", 0x97, 9, 16],
  ["tcp_sport", 0xa0, 16, 10],
  ["tcp_dport", 0xb0, 16, 10],
  ["udp_sport", 0xe0, 16, 10],
  ["udp_dport", 0xf0, 16, 10],
  ["first_vid", 0x74, 12, 16, 4],
  ["first_prio", 0x70, 3, 16],
  ["first_cfi", 0x73, 1, 10],
  ["ip_dscp", 0x88, 6, 16, 2],
  ["ip_ecn", 0x8e, 2, 16],
  ["cvlan_tag", 0x90, 1, 10],
  ["svlan_tag", 0x91, 1, 10],
  ["frag", 0x92, 1, 10],
];

const MISC: readonly Shown[] = [
  ["gre_key", 0x80, 32, 10],
  ["source_sqn", 0x08, 24, 10],
  ["source_port", 0x30, 16, 10],
  ["outer_second_prio", 0x40, 3, 10],
  ["outer_second_cfi", 0x43, 1, 10],
  ["outer_second_vid", 0x44, 12, 10],
  ["inner_second_prio", 0x50, 3, 10],
  ["inner_second_cfi", 0x53, 1, 10],
  ["inner_second_vid", 0x54, 12, 10],
  ["outer_second_cvlan_tag", 0x60, 1, 10],
  ["inner_second_cvlan_tag", 0x61, 1, 10],
  ["outer_second_svlan_tag", 0x62, 1, 10],
  ["inner_second_svlan_tag", 0x63, 1, 10],
  // The kernel holds 16 bits in 8.
  ["gre_protocol", 0x70, 16, 10, 0, 8],
  ["vxlan_vni", 0xa0, 24, 10],
  ["outer_ipv6_flow_label", 0xec, 20, 16],
  ["inner_ipv6_flow_label", 0x10c, 20, 16],
];

/** "name=value " of each that the mask asks for. */
function masked(d: DataView, mask: number, value: number, shown: readonly Shown[]): string {
  let out = "";
  for (const [name, offset, width, base, digits = 0, held = 32] of shown) {
    const keep = (v: number) => (held === 32 ? v >>> 0 : v & (2 ** held - 1));
    if (keep(bits(d, mask, offset, width)) === 0) continue;
    out += `${name}=${keep(bits(d, value, offset, width))
      .toString(base)
      .padStart(digits, "0")} `;
  }
  return out;
}

const SET_BYTES = 64;
const SOURCE = 0x100 / 8;
const DESTINATION = 0x180 / 8;
/** Where an IPv4 address lies in the room of an IPv6 one. */
const IPV4 = 12;

/** print_lyr_2_4_hdrs(). */
function layers(r: PrintedRecord, mask: number, value: number): string {
  const { d, u, littleEndian } = r;
  let out = "";
  // A MAC address is put together in a u32, which loses its first two bytes, and printed as the u64 lies in memory.
  const address = (at: number, offset: number) => {
    const low = ((bits(d, at, offset, 32) << 16) | bits(d, at, offset + 32, 16)) >>> 0;
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setUint32(littleEndian ? 0 : 4, low, littleEndian);
    return bytes;
  };
  for (const [name, offset] of [
    ["smac", 0],
    ["dmac", 0x40],
  ] as const) {
    if (address(mask, offset).some((byte) => byte !== 0))
      out += `${name}=${macText(address(value, offset).subarray(0, 6), "M")} `;
  }
  const type = bits(d, mask, 0x30, 16);
  const version = bits(d, mask, 0x93, 4);
  out += masked(d, mask, value, [["ethertype", 0x30, 16, 16, 4]]);
  const is = (ethertype: number, number: number) =>
    (type === 0xffff && bits(d, value, 0x30, 16) === ethertype) ||
    (version === 0xf && bits(d, value, 0x93, 4) === number);
  const places = [
    ["src", SOURCE],
    ["dst", DESTINATION],
  ] as const;
  if (is(0x0800, 4)) {
    for (const [name, place] of places)
      if (d.getUint32(mask + place + IPV4) !== 0) out += `${name}_ipv4=${ip(r, value + place + IPV4, "I4")} `;
  } else if (is(0x86dd, 6)) {
    for (const [name, place] of places)
      if (u.subarray(mask + place, mask + place + 16).every((byte) => byte === 0xff))
        out += `${name}_ipv6=${ip(r, value + place, "I6")} `;
  }
  return out + masked(d, mask, value, LAYERS_2_TO_4);
}

/** parse_fs_hdrs(). `sets`: masks, then values, of outer headers, miscellaneous and inner headers. */
function headers(r: PrintedRecord, enable: number, ...sets: number[]): string {
  if (!sets.every((at) => r.has(at, SET_BYTES))) return OVERFLOW;
  const [maskOuter, maskMisc, maskInner, outer, misc, inner] = sets as [number, number, number, number, number, number];
  let out = "";
  if (enable & 1) out += `[outer] ${layers(r, maskOuter, outer)}`;
  if (enable & 2) out += `[misc] ${masked(r.d, maskMisc, misc, MISC)}`;
  if (enable & 4) out += `[inner] ${layers(r, maskInner, inner)}`;
  return out;
}

/** parse_fs_dst() of a struct mlx5_flow_destination: its type, then a union of pointers and numbers. */
function destination(r: PrintedRecord, at: number, counter: number): string {
  const { d, littleEndian, longSize } = r;
  const union = at + longSize;
  const range = union + 2 * longSize;
  if (!r.has(at, range + 12 - at)) return OVERFLOW;
  const u32 = (place: number) => d.getUint32(place, littleEndian);
  switch (u32(at)) {
    case 0:
      return "none\n";
    case 1:
      return `vport=${d.getUint16(union, littleEndian)}\n`;
    case 2:
      return `ft=${library.pointer(r, r.longHi(union), r.longLo(union))}\n`;
    case 3:
      return `tir=${u32(union)}\n`;
    case 4:
      return `sampler_id=${u32(union)}\n`;
    case 5:
      return "uplink\n";
    case 6:
      return "port\n";
    case 7:
      return `counter_id=${counter}\n`;
    case 8:
      return `ft_num=${u32(union)}\n`;
    case 9: {
      const field = u32(range) === 0 ? "packet len" : "unknown dest range field";
      return `field=${field} min=${u32(range + 4) | 0} max=${u32(range + 8) | 0}\n`;
    }
    case 10:
      // The table's type and id are in the kernel's memory.
      return "flow_table_type=<dst->ft->type()> id:<dst->ft->id()>\n";
    case 11:
      return `rx_vhca_id=${d.getUint16(union, littleEndian)}\n`;
  }
  return "";
}

/** Without VHCA_RX, the last of the types. */
const oldDestination: typeof destination = (r, at, counter) =>
  r.has(at, 4) && r.u32(at) === 11 ? "" : destination(r, at, counter);

const destinationOf =
  (f: typeof destination): Emit =>
  (g, args, at) => {
    const [place, counter] = [inRecord(g, arg(args, 1, at)), uint(g, arg(args, 2, at))];
    return text(`${g.keep(f)}(R,${place},${counter})`);
  };

export const MLX5_CALLS: Calls = {
  parse_fs_hdrs: (g, args, at) => {
    const enable = g.low(g.convert(g.expr(arg(args, 1, at)), intType(1, false)));
    const sets = [2, 3, 4, 5, 6, 7].map((i) => inRecord(g, arg(args, i, at)));
    return text(`${g.keep(headers)}(R,${enable},${sets.join(",")})`);
  },
  // 7.3.4 has one type more than 6.12.117.
  parse_fs_dst: since("6.13.0", destinationOf(destination), destinationOf(oldDestination)),
};
