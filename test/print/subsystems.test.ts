import { expect, test } from "@jest/globals";
import { plainEnv } from "../../src/print/env.js";
import { event, type Field, LE64, record } from "../support/formats.js";

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
  return e.body(bytes, 0, 32, plainEnv(8));
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
