import { gzipSync } from "node:zlib";
import { InputError } from "../../../../src/ground/errors.js";
import { Allowance } from "../../../../src/input/budget.js";
import { formatText } from "../../../../src/system/kernel-image/event.js";
import { openModule } from "../../../../src/system/kernel-image/module.js";
import { openKernel } from "../../../../src/system/kernel-image/open-kernel.js";
import { eventLayout } from "../../../../src/system/kernel-image/structs.js";
import { eventBtf } from "../../../system/make-btf.js";
import { buildKernel } from "../../build-kernel.js";
import { buildModule } from "../../build-module.js";
import { SMALL_KERNEL } from "../../small-kernel.js";
import type { Dice } from "../dice.js";
import { holds, type Kind, unlessRefused } from "../kind.js";
import { mutated } from "../mutate.js";

/** A kernel that is found by its packing alone is larger than a megabyte. */
const LARGE = 1024 * 1024 + 4096;
/** What one may unpack to here. */
const ALLOWED = 16 * 1024 * 1024;
const NAMED = { origin: "kernel", path: "kernel" };

/** Boot images in their wrappers, and modules: what is read of them, or one line. */
export const kernels: Kind = {
  name: "kernels",
  async prepare() {
    const elf = buildKernel({ ...SMALL_KERNEL, gap: 1, btf: eventBtf(true, 1) }).elf;
    const large = Buffer.concat([elf, Buffer.alloc(LARGE - elf.length)]);
    const packed = gzipSync(elf);
    const wrapped = [
      elf,
      packed,
      bzImage(packed),
      zboot(packed),
      zImage(gzipSync(large)),
      s390Image(gzipSync(large)),
      // What is packed before it is no kernel: a configuration, say.
      zImage(Buffer.concat([gzipSync("CONFIG_HZ=250"), Buffer.alloc(16), gzipSync(large)])),
    ];
    for (const bytes of wrapped) {
      const { release } = await openKernel({ ...NAMED, bytes: () => bytes });
      holds(release === SMALL_KERNEL.release, "a sound kernel is not read");
    }
    const module = buildModule("testing", "happened");
    return (dice) => (dice.chance(0.2) ? tryModule(mutated(module, dice), dice) : tryKernel(dice.of(wrapped), dice));
  },
};

async function tryKernel(base: Uint8Array, dice: Dice): Promise<void> {
  // Headers are at the beginning; the rest is what is packed, or the kernel itself.
  const head = dice.chance(0.6) ? Math.min(base.length, 0x300) : base.length;
  const bytes = mutated(base, dice, (d) => d.below(head));
  await unlessRefused([InputError], async () => {
    const allowance = new Allowance(ALLOWED);
    const { events, nextId, symbols } = await openKernel({ ...NAMED, allowance, bytes: () => bytes });
    holds(nextId <= 0x10000, "an event's number of more than 16 bits");
    for (const { id, event } of events.slice(0, 20))
      holds(formatText(event, id).length < 1 << 20, "a format file without end");
    if (symbols !== undefined) holds(symbols.text().length <= ALLOWED, "more symbols than the kernel has bytes");
  });
}

async function tryModule(bytes: Uint8Array, dice: Dice): Promise<void> {
  await unlessRefused([InputError], async () => {
    const module = await openModule(
      { origin: "testing.ko", path: "testing.ko", bytes: () => bytes },
      eventLayout(8, false, 4),
    );
    for (const event of module.events.slice(0, 20)) formatText(event, 300);
    for (const { textAt, size } of module.data()) textAt(dice.below(size + 1));
  });
}

/** Documentation/arch/x86/boot.rst, protocol 2.15. */
function bzImage(payload: Uint8Array): Buffer {
  const setup = Buffer.alloc(2 * 512);
  setup[0x1f1] = 1;
  setup.writeUInt16LE(0xaa55, 0x1fe);
  setup.write("HdrS", 0x202, "latin1");
  setup.writeUInt16LE(0x20f, 0x206);
  setup.writeUInt32LE(0, 0x248);
  setup.writeUInt32LE(payload.length, 0x24c);
  return Buffer.concat([setup, payload]);
}

/** drivers/firmware/efi/libstub/zboot-header.S. */
function zboot(payload: Uint8Array): Buffer {
  const head = Buffer.alloc(64);
  head.write("MZ", 0, "latin1");
  head.write("zimg", 4, "latin1");
  head.writeUInt32LE(head.length, 8);
  head.writeUInt32LE(payload.length, 12);
  head.write("gzip", 0x18, "latin1");
  return Buffer.concat([head, payload]);
}

/** arch/arm/boot/compressed/head.S, with the table of where the packed kernel ends. */
function zImage(payload: Uint8Array): Buffer {
  const head = Buffer.alloc(0x60);
  const end = head.length + payload.length;
  const words = [0x016f2818, 0, end, 0x04030201, 0x45454545, 0x40];
  words.forEach((word, i) => {
    head.writeUInt32LE(word, 0x24 + 4 * i);
  });
  head.writeUInt32LE(0x5a534c4b, 0x44);
  head.writeUInt32LE(end, 0x48);
  return Buffer.concat([head, payload]);
}

/** arch/s390/boot/head.S: the PSW that an IPL loads first. */
function s390Image(payload: Uint8Array): Buffer {
  const head = Buffer.alloc(0x200);
  head.set([0, 8, 0, 0, 0x80, 0]);
  return Buffer.concat([head, payload]);
}
