import type { RamBlock } from "./qemu-stream.js";

const GIB = 2 ** 30;

/** What QEMU's machines call their memory where nobody names it otherwise; devices have blocks as well. */
const RAM = [
  "pc.ram",
  "microvm.ram",
  "mach-virt.ram",
  "riscv_virt_board.ram",
  "s390.ram",
  "ppc_spapr.ram",
  "loongarch.ram",
];
/** Memory of several NUMA nodes, as libvirt names it. */
const NODE_RAM = /(?:^|\/)ram-node(\d+)$/;

/** The blocks that are the machine's memory, in the order of addresses. */
export function ramOf(blocks: readonly RamBlock[]): readonly RamBlock[] {
  const named = blocks.find(({ name }) => RAM.includes(name));
  if (named !== undefined) return [named];
  const nodes = blocks.filter(({ name }) => NODE_RAM.test(name));
  if (nodes.length > 0) return nodes.sort((a, b) => nodeOf(a) - nodeOf(b));
  return blocks.reduce<readonly RamBlock[]>(
    (largest, block) => (block.size > (largest[0]?.size ?? 0) ? [block] : largest),
    [],
  );
}

const nodeOf = ({ name }: RamBlock): number => Number(NODE_RAM.exec(name)![1]);

/** Bytes of the machine's memory, counted from its beginning, and the physical address of the first of them. */
export interface Placed {
  readonly from: number;
  readonly to: number;
  readonly address: number;
}

/**
 * Where a machine has its memory; undefined where that is not known. As QEMU lays it out: pc_q35.c and pc_piix.c (less lies below
 * 4 GiB where not all of it does), microvm.c (hw/i386), hw/arm/virt.c, hw/riscv/virt.c, hw/loongarch/virt.c.
 * @param machine its type with its version, `pc-q35-7.2`
 * @param ram the name of its memory's block
 * @param size bytes of memory
 */
export function placesOf(machine: string, ram: string, size: number): readonly Placed[] | undefined {
  if (machine.startsWith("pc-q35")) return size < 0xb0000000 ? allAt(0) : splitAt(2 * GIB, 4 * GIB);
  if (machine.startsWith("microvm")) return splitAt(3 * GIB, 4 * GIB);
  if (machine.startsWith("pc-") || ram === "pc.ram") return size < 0xe0000000 ? allAt(0) : splitAt(3 * GIB, 4 * GIB);
  if (ram === "loongarch.ram") return splitAt(GIB / 4, 2 * GIB);
  if (ram === "riscv_virt_board.ram") return allAt(2 * GIB);
  if (ram === "mach-virt.ram") return allAt(GIB);
  return /^(?:s390-|pseries)/.test(machine) ? allAt(0) : undefined;
}

export function allAt(address: number): readonly Placed[] {
  return [{ from: 0, to: Number.POSITIVE_INFINITY, address }];
}

/** The first `low` bytes at 0, the others from another address on. */
function splitAt(low: number, address: number): readonly Placed[] {
  return [
    { from: 0, to: low, address: 0 },
    { from: low, to: Number.POSITIVE_INFINITY, address },
  ];
}
