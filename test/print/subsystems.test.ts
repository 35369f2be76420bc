import { expect, test } from "@jest/globals";
import { event, type Field, LE64, record, recordIn } from "../support/formats.js";
import { plainEnv } from "../support/plain-env.js";

const WORDS: Field[] = [
  ["u32 a", 8, 4, 0],
  ["u32 b", 12, 4, 0],
  ["u32 c", 16, 4, 0],
  ["u32 d", 20, 4, 0],
  ["u64 w", 24, 8, 0],
];

/** The text of one call, with the words as its values. */
function called(call: string, words: readonly number[], release = "7.3.4"): string {
  const e = event(WORDS, `"%s", ${call}`, LE64, release);
  expect(e.markers).toEqual([]);
  const bytes = record(32, LE64, (v) => {
    words.forEach((word, i) => {
      v.setUint32(8 + 4 * i, word, true);
    });
    v.setBigUint64(24, 0x123456789abcdef0n, true);
  });
  return e.body(recordIn(bytes, 0, 32), plainEnv(8));
}

const TRB = "xhci_decode_trb(__get_buf(500), REC->a, REC->b, REC->c, REC->d)";

// Values and texts by drivers/usb/host/xhci.h, drivers/usb/dwc3/debug.h and drivers/usb/common/debug.c.
test.each([
  [
    TRB,
    [0x1000, 1, 0x01000000, 0x01008801],
    "TRB 0000000100001000 status 'Success' len 0 slot 1 ep 0 type 'Port Status Change Event' flags e:C",
  ],
  [
    TRB,
    [0x00000680, 0x00120000, 8, 0x30840],
    "bRequestType 80 bRequest 06 wValue 0000 wIndex 0000 wLength 18 length 8 TD size 0 intr 0 type 'Setup Stage' flags I:i:c",
  ],
  [
    TRB,
    [0x2000, 0, 0x400, 0x421],
    "Buffer 0000000000002000 length 1024 TD size 0 intr 0 type 'Normal' flags b:i:I:c:s:i:e:C",
  ],
  [TRB, [0, 0, 0, 0x02003c01], "Stop Ring Command: slot 2 sp 0 ep 0 flags C"],
  [TRB, [0x10, 0, 0, 0x02013801], "Reset Endpoint Command: ctx 0000000000000010 slot 2 ep 1 flags t:C"],
  [TRB, [1, 2, 3, 0xf000], "type 'UNKNOWN' -> raw 00000001 00000002 00000003 0000f000"],
  ["xhci_decode_ctrl_ctx(__get_buf(500), REC->a, REC->b)", [4, 0xb], "Drop: 1out, Add: slot ep0 1in"],
  ["xhci_decode_doorbell(__get_buf(500), REC->a, REC->b)", [1, 3], "Slot 1 ep1in"],
  ["xhci_decode_doorbell(__get_buf(500), REC->a, REC->b)", [0, 0], "Command Ring 0"],
  ["dwc3_decode_event(__get_buf(500), REC->a, REC->b)", [0x00000101, 0], "Reset [U0]"],
  [
    "dwc3_decode_event(__get_buf(500), REC->a, REC->b)",
    [0x0000c040, 1],
    "ep0out: Transfer Complete (sIL) [Setup Phase]",
  ],
  [
    "usb_decode_ctrl(__get_buf(500), 100, REC->a, REC->b, REC->c, REC->d, 18)",
    [0x80, 6, 0x100, 0],
    "Get Device Descriptor(Index = 0, Length = 18)",
  ],
  [
    "usb_decode_ctrl(__get_buf(500), 100, REC->a, REC->b, REC->c, REC->d, 0)",
    [2, 1, 0, 0x81],
    "Clear Endpoint Feature(Halt ep1in)",
  ],
  [
    "usb_decode_ctrl(__get_buf(500), 100, REC->a, REC->b, REC->c, REC->d, 4)",
    [0xc1, 9, 2, 3],
    "Type=Vendor Recipient=Interface Dir=IN bRequest=9 wValue=2 wIndex=3 wLength=4",
  ],
  ["libata_trace_parse_qc_flags(p, REC->a)", [0x10001], "10001{ ACTIVE FAILED }"],
  ["dwc3_trb_type_string(REC->a)", [0x11], "UNKNOWN"],
  ["usb_speed_string(REC->a)", [5], "super-speed"],
  ["usb_state_string(REC->a)", [99], "UNKNOWN"],
  ["blk_op_str(REC->a)", [17], "ZONE_RESET"],
  ["ceph_mds_op_name(REC->a)", [0x1201], "mknod"],
  ["snd_pcm_direction_name(REC->a)", [1], "Capture"],
  ["parse_cm_state(REC->a)", [3], "SYN_RCVD"],
] as const)("%s of %j", (call, words, text) => {
  expect(called(call, words)).toBe(text);
});

test("portsc reads otherwise since its words were made short", () => {
  const portsc = "xhci_decode_portsc(__get_buf(500), REC->a)";
  expect(called(portsc, [0x0e0002a0])).toBe("0x0e0002a0 Speed=0 Link=RxDetect PP WCE WDE WOE ");
  expect(called(portsc, [0x0e0002a0], "6.12.117")).toBe(
    "0x0e0002a0 Powered Not-connected Disabled Link:RxDetect PortSpeed:0 Change: Wake: WCE WDE WOE ",
  );
  expect(called(portsc, [0xffffffff])).toBe("0xffffffff ");
});

/** The text of one call on 96 numbered words of the record's payload, as u8, u16, u32 and u64 arrays. */
function calledOn(call: string, fill: (at: (word: number, value: number) => void) => void, release = "7.3.4"): string {
  const fields: Field[] = [
    ["u8 b[384]", 8, 384, 0],
    ["u16 h[192]", 8, 384, 0],
    ["u32 w[96]", 8, 384, 0],
    ["u64 q[48]", 8, 384, 0],
  ];
  const e = event(fields, `"%s", ${call}`, LE64, release);
  expect(e.markers).toEqual([]);
  const bytes = record(392, LE64, (v) => {
    fill((word, value) => {
      v.setUint32(8 + 4 * word, value, false);
    });
  });
  return e.body(recordIn(bytes, 0, 392), plainEnv(8));
}

// The texts are those of the kernel's own functions, built from drivers/infiniband/hw/hfi1/trace.c,
// drivers/net/ethernet/mellanox/mlx5/core/diag/fs_tracepoint.c and drivers/nvme/*/trace.c of 7.3.4.
const FILL = (at: (word: number, value: number) => void): void => {
  for (let i = 0; i < 96; i++) at(i, (i * 0x01030507 + 0x11223344) >>> 0);
};
const LRH = 'REC->b[1],REC->b[2],REC->b[3],REC->b[4],REC->b[5],"LRH",REC->b[6],REC->b[7],REC->b[8],REC->b[9]';

test.each([
  ["parse_everbs_hdrs(p, 0x11, 0, 0, 0, REC->b)", "aeth syn:0x11 ACK msn:0x00223344"],
  ["parse_everbs_hdrs(p, 0x64, 8, 0, 0, REC->b)", "mgmt pkt"],
  [
    "parse_everbs_hdrs(p, 0xe5, 0, 0, 0, REC->b)",
    "kdeth0 0x44332211: kver 1 sh 0 intr 0 tidctrl 1 tid 33 offset 2211 kdeth1 0x4b382512: jkey 12 aeth syn:0x13 ACK msn:0x00283d52 verbs_qp 0x193a5b7c",
  ],
  ["parse_everbs_hdrs(p, 0x0a, 0, 0, 0, REC->b)", "reth vaddr:0x112233441225384b rkey:0x13283d52 dlen:0x142b4259"],
  ["parse_everbs_hdrs(p, 0x2f, 0, 0, 0, REC->b)", ""],
  ["print_u32_array(p, REC->w, 3)", "0x44332211 0x4b382512 0x523d2813"],
  ["parse_sdma_flags(p, 1ULL << 63, 0x2fff3)", "IHF- amode:7 aidx:31 alen:15"],
  ["hfi1_trace_get_packet_l2_str(REC->b[2])", ""],
  [
    `hfi1_trace_fmt_lrh(p, 1, ${LRH}, 1, 2, 3, 4, 5)`,
    "len:2 sc:19 dlid:0x0004 slid:0x0005 age:34 becn:1 fecn:1 l4:18 rc:75 sc:19 pkey:0x0003 entropy:0x0001",
  ],
  [`hfi1_trace_fmt_lrh(p, 0, ${LRH}, 1, 2, 3, 4, 5)`, "len:2 sc:19 dlid:0x0004 slid:0x0005 lnh:37,LRH lver:56 sl:40"],
] as const)("hfi1: %s", (call, text) => {
  expect(calledOn(call, FILL)).toBe(text);
});

const MATCH_SETS = "REC->w, &REC->w[16], &REC->w[32], &REC->w[48], &REC->w[64], &REC->w[80]";

test("mlx5: flow steering matches", () => {
  const ipv4 = calledOn(`parse_fs_hdrs(p, 3, ${MATCH_SETS})`, (at) => {
    at(0, 0xffffffff);
    at(1, 0xffffffff);
    at(5, 0xffff);
    at(11, 0xffffffff);
    at(16 + 4, 0xffffff00);
    at(48, 0x11223344);
    at(49, 0x55660800);
    at(53, 0x01bb);
    at(59, 0x0a000001);
    at(64 + 4, 0x00001200);
  });
  expect(ipv4).toBe(
    "[outer] smac=66:55:44:33:00:00 ethertype=0800 src_ipv4=10.0.0.1 tcp_dport=443 [misc] gre_key=4608 ",
  );
  const ipv6 = calledOn(`parse_fs_hdrs(p, 4, ${MATCH_SETS})`, (at) => {
    at(32 + 4, 0x00001e00);
    for (const word of [12, 13, 14, 15]) at(32 + word, 0xffffffff);
    at(80 + 4, 0x00000c00);
    at(80 + 12, 0xfd000000);
    at(80 + 15, 1);
  });
  expect(ipv6).toBe("[inner] dst_ipv6=fd00:0000:0000:0000:0000:0000:0000:0001 ");
  expect(calledOn("parse_fs_hdrs(p, 0, REC->w, REC->w, REC->w, REC->w, REC->w, REC->w)", () => {})).toBe("");
});

test("mlx5: destinations of a flow", () => {
  const to = (type: number, release?: string) =>
    calledOn(
      "parse_fs_dst(p, (const struct mlx5_flow_destination *)REC->b, 77)",
      (at) => {
        at(0, type << 24);
        at(2, 0x05010000);
        at(7, 0x09000000);
        at(8, 0xffffffff);
      },
      release,
    );
  expect(to(1)).toBe("vport=261\n");
  expect(to(2)).toBe("ft=0000000000000105\n");
  expect(to(7)).toBe("counter_id=77\n");
  expect(to(9)).toBe("field=packet len min=9 max=-1\n");
  expect(to(10)).toBe("flow_table_type=<dst->ft->type()> id:<dst->ft->id()>\n");
  expect(to(11)).toBe("rx_vhca_id=261\n");
  expect(to(11, "6.12.117")).toBe("");
});

test("zones: a condition without a name has the name that the kernel found last", () => {
  const e = event(WORDS, '"%s", blk_zone_cond_str(REC->a)', LE64, "7.3.4");
  const shown = (kernelFields: boolean) => {
    const env = { ...plainEnv(8), kernelFields };
    return [0xffffffff, 0, 0xffffffff, 14, 99].map((condition) => {
      const bytes = record(32, LE64, (v) => v.setUint32(8, condition, true));
      return e.body(recordIn(bytes, 0, 32), env);
    });
  };
  // 7.3.4 prints NOT_WP for a zone_cond of all ones behind one of 0 (nullb_zone_op).
  expect(shown(true)).toEqual(["UNKNOWN", "NOT_WP", "NOT_WP", "FULL", "FULL"]);
  expect(shown(false)).toEqual(["UNKNOWN", "NOT_WP", "UNKNOWN", "FULL", "UNKNOWN"]);
});

test("nvme: zones and reservations have names, the target fewer commands", () => {
  const parsed = (call: string, first: number, release?: string) =>
    calledOn(`${call}, REC->b)`, (at) => [at(0, first), at(3, 0x03050000)], release);
  expect(parsed("nvme_trace_parse_nvm_cmd(p, 0x79", 0)).toBe("slba=0, zsa=3:open zone, all=5");
  expect(parsed("nvmet_trace_parse_nvm_cmd(p, 0x7a", 0)).toBe(
    "slba=0, numd=0, zra=3, zrasf=5:list the zones in the ZSF: Full state, pr=0",
  );
  expect(parsed("nvme_trace_parse_nvm_cmd(p, 0x11", 0x01060000)).toBe(
    "racqa=1:preempt, iekey=0, rtype=6:exclusive access all registrants",
  );
  expect(parsed("nvme_trace_parse_nvm_cmd(p, 0x11", 0x01060000, "6.12.117")).toBe("racqa=1, iekey=0, rtype=6");
  expect(parsed("nvmet_trace_parse_nvm_cmd(p, 0x11", 0x01060000, "6.12.117")).toMatch(/^cdw10=01 06 /);
  expect(parsed("nvme_trace_parse_admin_cmd(p, 1", 0x01060000)).toBe("sqid=1537, qsize=0, sq_flags=0x0, cqid=0");
  expect(parsed("nvmet_trace_parse_admin_cmd(p, 1", 0x01060000)).toMatch(/^cdw10=01 06 /);
  expect(parsed("nvme_trace_parse_fabrics_cmd(p, 5", 0x00010203)).toBe("spsp0=01, spsp1=02, secp=03, tl=0");
});

test("hfi1: a table of the driver's buffers, a struct that no format file describes", () => {
  const control = "((struct buffer_control *)REC->b)";
  const e = `__builtin_bswap16(${control}->vl[15].shared)`;
  expect(calledOn(`__print_symbolic(${e}, { 0x1234, "it" })`, (at) => at(16, 0x00001234))).toBe("it");
});

test("thunderbolt: bit fields by the machine's byte order", () => {
  const call = "show_data(p, 1, REC->b, 3)";
  const text = calledOn(call, (at) => [at(0, 0x01000080), at(1, 0x78563412), at(2, 0x00200800)]);
  expect(text).toBe(
    "route=112345678, offset=0x0, len=1, port=1, config=0x0, seq=0, data=[0x80000001, 0x12345678, 0x00082000]",
  );
});

test("a SCSI command that the record has not all of shows what is read behind it", () => {
  // 7.2.13+deb14-armmp-lpae: `cmnd=(SEND_DIAGNOSTIC regions=5 raw=42 64 36)`; the rest was of an older record.
  const fields: Field[] = [["__data_loc unsigned char[] cmnd", 8, 4, 0]];
  const call = "scsi_trace_parse_cdb(p, __get_dynamic_array(cmnd), 3)";
  const e = event(fields, `"%s", ${call}`, LE64);
  const of = (length: number, ...command: number[]): string =>
    e.body(
      recordIn(
        record(12 + length, LE64, (v, u) => {
          v.setUint32(8, 12 | (length << 16), true);
          u.set(command, 12);
        }),
      ),
      plainEnv(8),
    );
  expect(of(3, 0x42, 0x64, 0x36)).toContain("<OVERFLOW>");
  expect(of(10, 0x42, 0, 0, 0, 0, 0, 0, 0, 88)).toBe("regions=5");
  expect(of(3, 0, 0, 0)).toBe("-");
});
