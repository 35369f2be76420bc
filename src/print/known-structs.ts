import { type ExactRelease, isSince, type Release } from "../ground/release.js";
import { type CType, intType, typeOfWords } from "../system/formats/ctype.js";

/** A struct that print formats read members of, and format files do not describe. */
interface KnownStruct {
  readonly size: number;
  readonly members: ReadonlyMap<string, KnownMember>;
}

interface KnownMember {
  readonly offset: number;
  readonly type: CType;
  /** Bytes of an array. */
  readonly array: number | undefined;
  /** Counted from the first declared bit. */
  readonly bits: { readonly shift: number; readonly width: number } | undefined;
}

/**
 * "name: member type, ..." in the order of declaration, each aligned to its size; `:n` is a bit field, `[n]` an array,
 * `at n` an offset. The same in 6.12.117 and 7.3.4 (BTF of Debian's modules), or with the version it holds for.
 */
const TEXT: readonly (readonly [text: string, since?: ExactRelease, until?: ExactRelease])[] = [
  // fs/afs/afs.h
  ["afs_fid: vid u64, vnode u64, vnode_hi u32, unique u32"],
  ["afs_vnode_cache_aux: data_version u64"],
  // include/linux/rxrpc.h; the union of transports is a sockaddr
  ["sockaddr_rxrpc: srx_family u16, srx_service u16, transport_type u16, transport_len u16, transport sockaddr[28]"],
  // net/rxrpc/protocol.h, ar-internal.h
  [
    "rxrpc_host_header: epoch u32, cid u32, callNumber u32, seq u32, serial u32, type u8, flags u8, userStatus u8, securityIndex u8, cksum u16, serviceId u16",
  ],
  [
    "rxrpc_wire_header: epoch u32, cid u32, callNumber u32, seq u32, serial u32, type u8, flags u8, userStatus u8, securityIndex u8, cksum u16, serviceId u16",
  ],
  [
    "rxrpc_ack_summary: nr_acks u16, nr_new_acks u16, nr_new_nacks u16, nr_retained_nacks u16, ack_reason u8, saw_nacks u8, new_low_nack u8, retrans_timeo u8, flight_size u8, mode u8, cwnd u8, ssthresh u8, dup_acks u8, cumulative_acks u8",
    "6.12.0",
    "6.13.0",
  ],
  [
    "rxrpc_ack_summary: ack_serial u32, acked_serial u32, in_flight u16, nr_new_hacks u16, nr_new_sacks u16, nr_new_snacks u16, ack_reason u8, new_low_snack u8:1, retrans_timeo u8:1, need_retransmit u8:1, rtt_sample_avail u8:1, in_fast_or_rto_recovery u8:1, exiting_fast_or_rto_recovery u8:1, tlp_probe_acked u8:1, change u8",
    "7.3.0",
  ],
  // include/uapi/linux/errqueue.h
  ["sock_extended_err: ee_errno u32, ee_origin u8, ee_type u8, ee_code u8, ee_pad u8, ee_info u32, ee_data u32"],
  // drivers/net/wireless/mediatek/mt7601u
  [
    "mt7601u_rxwi: rxinfo u32, ctl u32, frag_sn u16, rate u16, unknown u8, zero u8[3], snr u8, ant u8, gain u8, freq_off u8, resv2 u32, expert_ant u32",
  ],
  [
    "mt76_txwi: flags u16, rate_ctl u16, ack_ctl u8, wcid u8, len_ctl u16, iv u32, eiv u32, aid u8, txstream u8, ctl u16",
  ],
  // drivers/infiniband/hw/hfi1/mad.h
  ["vl_limit: dedicated u16, shared u16"],
  ["buffer_control: reserved u16, overall_shared_limit u16, vl vl_limit[128]"],
  // include/drm/drm_rect.h
  ["drm_rect: x1 s32, y1 s32, x2 s32, y2 s32"],
  // arch/x86/include/asm/kvm_host.h
  [
    "kvm_mmu_page_role: word u32 at 0, level u32:4, has_4_byte_gpte u32:1, quadrant u32:2, direct u32:1, access u32:3, invalid u32:1, efer_nx u32:1, cr0_wp u32:1, smep_andnot_wp u32:1, smap_andnot_wp u32:1, ad_disabled u32:1, guest_mode u32:1, passthrough u32:1",
    "6.12.0",
    "6.13.0",
  ],
  [
    "kvm_mmu_page_role: word u32 at 0, level u32:4, has_4_byte_gpte u32:1, quadrant u32:2, direct u32:1, access u32:4, invalid u32:1, efer_nx u32:1, cr0_wp u32:1, smap_andnot_wp u32:1, ad_disabled u32:1, guest_mode u32:1, passthrough u32:1, is_mirror u32:1, cr4_smep u32:1",
    "7.3.0",
  ],
];

const MEMBER = /^(\w+) (\w+)(?::(\d+))?(?:\[(\d+)\])?( at 0)?$/;
const ABI = { littleEndian: true, longSize: 8 } as const;

const KNOWN = TEXT.map(([text, since = "0.0.0", until]) => {
  const colon = text.indexOf(": ");
  return { name: text.slice(0, colon), since, until, members: text.slice(colon + 2) };
});

/** The struct as a kernel of this version has it; undefined when it is not known here. */
export function knownStruct(name: string, kernel: Release): KnownStruct | undefined {
  const known = KNOWN.find(
    (each) =>
      each.name === name && isSince(kernel, each.since) && (each.until === undefined || !isSince(kernel, each.until)),
  );
  return known && layOut(known.members.split(", "));
}

/** Members one behind the other, as a compiler lays them out. */
function layOut(declarations: readonly string[]): KnownStruct {
  const members = new Map<string, KnownMember>();
  let end = 0;
  let bit = 0;
  let align = 1;
  for (const declaration of declarations) {
    const [, name, word, bits, array, first] = MEMBER.exec(declaration)!;
    const type: CType = typeOfWords([word!], ABI, new Map()) ?? { kind: "struct", name: word!, size: undefined };
    const size = type.kind === "int" ? type.size : 1;
    align = Math.max(align, size);
    if (bits !== undefined) {
      const width = Number(bits);
      if (bit === 0 || bit + width > size * 8) {
        end += size;
        bit = 0;
      }
      members.set(name!, {
        offset: end - size,
        type: intType(size, false),
        array: undefined,
        bits: { shift: bit, width },
      });
      bit += width;
      continue;
    }
    bit = 0;
    const offset = Math.ceil(end / size) * size;
    const bytes = array === undefined ? size : size * Number(array);
    members.set(name!, { offset, type, array: array === undefined ? undefined : bytes, bits: undefined });
    if (first === undefined) end = offset + bytes;
  }
  return { size: Math.ceil(end / align) * align, members };
}
