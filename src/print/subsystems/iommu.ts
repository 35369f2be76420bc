import { U64 } from "../../system/formats/ctype.js";
import { arg, type Calls, text } from "../call.js";

const hex = (v: bigint): string => `0x${v.toString(16)}`;

/** drivers/iommu/intel/iommu.h decode_prq_descriptor(). */
function prqDescriptor(dw0: bigint, dw1: bigint, dw2: bigint, dw3: bigint): string {
  const field = (v: bigint, high: number, low: number) => (v >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);
  const flag = (v: bigint, bit: number, c: string) => ((v >> BigInt(bit)) & 1n ? c : "-");
  const access = flag(dw1, 0, "r") + flag(dw1, 1, "w") + flag(dw0, 52, "x") + flag(dw0, 53, "p") + flag(dw1, 2, "l");
  const text = `rid=${hex(field(dw0, 31, 16))} addr=${hex(field(dw1, 63, 12))} ${access} pasid=${hex(field(dw0, 51, 32))} index=${hex(field(dw1, 11, 3))}`;
  return (dw0 >> 9n) & 1n ? `${text} private=${hex(dw2)}/${hex(dw3)}\n` : text;
}

export const IOMMU_CALLS: Calls = {
  decode_prq_descriptor: (g, args, at) => {
    const words = [2, 3, 4, 5].map((i) => g.big(g.convert(g.expr(arg(args, i, at)), U64)));
    return text(`${g.keep(prqDescriptor)}(${words.join(",")})`);
  },
};
