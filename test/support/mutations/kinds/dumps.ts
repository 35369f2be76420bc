import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DecodeError, InputError, NotAnImageError, UsageError } from "../../../../src/ground/errors.js";
import { rawMemory } from "../../../../src/input/memory/extents.js";
import { openInput, openMemory } from "../../../../src/input/memory/open.js";
import type { PhysicalMemory } from "../../../../src/input/memory/physical.js";
import { MemorySource } from "../../../../src/input/source.js";
import { openAnyImage } from "../../../../src/locate/open.js";
import { readingOf } from "../../../../src/reading/reading.js";
import { dumpKernel } from "../../../../src/system/dump/dump-kernel.js";
import { runningKernel } from "../../../../src/system/dump/running-kernel.js";
import { elfCore, flattened, kdump, libvirtSave, lime, qemuStream, zlibPage } from "../../build-memory.js";
import { FIXTURES } from "../../collection.js";
import { fixture } from "../../images.js";
import { DIRECT_MAP, runningMachine } from "../../running-machine.js";
import type { Dice } from "../dice.js";
import { holds, type Kind, unlessRefused } from "../kind.js";
import { mutated } from "../mutate.js";

const PAGE = 4096;
const REFUSED = [InputError, DecodeError, NotAnImageError, UsageError];
const INFO = "OSRELEASE=7.3.4\nPAGESIZE=4096\nSYMBOL(_stext)=ffffffff81000000\nKERNELOFFSET=0\n";

/** Dumps of a machine's memory in every format, with a small buffer in them: what lies there, or one line. */
export const dumps: Kind = {
  name: "dumps",
  async prepare() {
    const stretches = memoryStretches();
    const bases = dumpsOf(stretches);
    const middle = 0x10_0000 / PAGE + 5;
    const parts = [
      kdump(stretches, { part: { from: 0, to: middle } }),
      kdump(stretches, { part: { from: middle, to: middle + 5 } }),
    ];
    const folder = mkdtempSync(join(tmpdir(), "rbtool-mutations-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    const running = runningMachine();
    return (dice) => {
      if (dice.chance(0.1)) return trySplit(parts, folder, dice);
      if (dice.chance(0.15)) return tryKernel(running, dice);
      return tryDump(damaged(dice.of(bases), dice), dice.chance(0.3));
    };
  },
};

type Stretches = Parameters<typeof elfCore>[0];

function memoryStretches(): Stretches {
  const area = fixture("v7.3-few")
    .bytes()
    .subarray(0, 10 * PAGE);
  return [
    { address: 0x1000, bytes: new Uint8Array(2 * PAGE).fill(0x5a) },
    { address: 0x10_0000, bytes: area },
  ];
}

/** Dumps without damage, one a format and variant. */
export function dumpsOf(stretches: Stretches = memoryStretches()): Uint8Array[] {
  const core = elfCore(stretches, { vmcoreinfo: INFO });
  const packed = kdump(stretches, { vmcoreinfo: INFO });
  return [
    core,
    elfCore(stretches, { is32: true }),
    elfCore(stretches, { bigEndian: true, countInSection: true }),
    packed,
    kdump(stretches, { is32: true }),
    kdump(stretches, { bigEndian: true, vmcoreinfo: INFO }),
    lime(stretches),
    lime(stretches, true),
    flattened(packed, [
      [PAGE, packed.length - PAGE],
      [0, PAGE],
    ]),
    flattened(core, [
      [0, core.length],
      [100, 3 * PAGE],
    ]),
    qemuStream(stretches),
    libvirtSave(qemuStream(stretches, { page: zlibPage })),
    gunzipSync(readFileSync(join(FIXTURES, "memory/qemu-7.2.stream.gz"))),
    // A real one, with pages packed by LZO and zstd.
    readFileSync(join(FIXTURES, "memory/kdump-6.12.117.flat")),
  ];
}

/** The headers are at the beginning; what damage does to an area is tried elsewhere. */
function damaged(base: Uint8Array, dice: Dice): Uint8Array {
  const head = Math.min(base.length, dice.chance(0.7) ? 600 : 4 * PAGE);
  return mutated(base, dice, (d) => d.below(d.chance(0.8) ? head : base.length));
}

/** Opened as memory, and where `asImage` is set as the image in it too. */
export async function tryDump(bytes: Uint8Array, asImage: boolean): Promise<void> {
  const source = new MemorySource(bytes, "dump");
  await unlessRefused(REFUSED, async () => {
    const memory = await openMemory(source);
    if (memory !== undefined) tryReading(memory, bytes.length);
    if (asImage) readingOf((await openAnyImage("dump", {}, source)).image);
  });
}

/** The files of a split dump, one or both of them damaged. */
async function trySplit(parts: readonly Uint8Array[], folder: string, dice: Dice): Promise<void> {
  const both = dice.chance(0.3);
  const spared = dice.below(parts.length);
  const files = parts.map((part, i) => {
    const bytes = both || i !== spared ? damaged(part, dice) : part;
    const path = join(folder, `vmcore.${i}`);
    writeFileSync(path, bytes);
    return { path, size: bytes.length };
  });
  const { path } = dice.of(files);
  await unlessRefused(REFUSED, async () => {
    const { memory, source } = await openInput(path);
    try {
      if (memory !== undefined)
        tryReading(
          memory,
          files.reduce((sum, { size }) => sum + size, 0),
        );
    } finally {
      (memory ?? source).close();
    }
  });
}

/** A kernel in memory whose vmcoreinfo, page tables, symbols, or lists of tasks are damaged. */
function tryKernel({ bytes, vmcoreinfo }: ReturnType<typeof runningMachine>, dice: Dice): void {
  const inMemory = dice.chance(0.7) ? mutated(bytes, dice, (d) => d.below(bytes.length)) : bytes;
  const info =
    inMemory === bytes || dice.chance(0.3) ? mutated(Buffer.from(vmcoreinfo), dice) : Buffer.from(vmcoreinfo);
  const memory = rawMemory(new MemorySource(inMemory));
  memory.vmcoreinfo = Buffer.from(info).toString("latin1");
  const kernel = dumpKernel(memory);
  if (kernel === undefined) return;
  kernel.text?.textAt(DIRECT_MAP + BigInt(dice.below(inMemory.length)));
  runningKernel(memory, kernel);
}

function tryReading(memory: PhysicalMemory, length: number): void {
  holds(memory.ranges.length <= length, "more ranges than bytes");
  for (const { start } of memory.ranges.slice(0, 4))
    holds(memory.read(start, PAGE).length <= PAGE, "more was read than was asked for");
}
