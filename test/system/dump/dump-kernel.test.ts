import { expect, test } from "@jest/globals";
import type { PhysicalMemory } from "../../../src/input/memory/physical.js";
import { makeEnv } from "../../../src/print/make-env.js";
import { dumpKernel } from "../../../src/system/dump/dump-kernel.js";

const RELEASE = "6.12.117+deb13-cloud-amd64";
const UTS = 0x2e219c0;
const STRING = 0x2000100;

/** Memory with the kernel's own name at one place and a string at another. */
function memory(vmcoreinfo: string, name = RELEASE): PhysicalMemory {
  const bytes = new Uint8Array(0x3000000);
  bytes.set(Buffer.from("Linux"), UTS);
  bytes.set(Buffer.from(name), UTS + 130);
  bytes.set(Buffer.from("Start context switch"), STRING);
  bytes.fill(0x80, STRING + 0x100, STRING + 0x200);
  const read = (address: number, length: number) => bytes.subarray(address, address + length);
  return { vmcoreinfo, read } as unknown as PhysicalMemory;
}

const x86 = (physBase: number, offset: string): string =>
  [
    `OSRELEASE=${RELEASE}`,
    `SYMBOL(init_uts_ns)=${(0xffffffff80000000n + BigInt(UTS - physBase)).toString(16)}`,
    "OFFSET(uts_namespace.name)=0",
    "SYMBOL(_stext)=ffffffff81000000",
    `NUMBER(phys_base)=${physBase}`,
    `KERNELOFFSET=${offset}`,
  ].join("\n");

test.each([
  ["x86, where it is linked", x86(0, "0"), 0xffffffff82000100n, 0n],
  ["x86, moved by KASLR", x86(-0x1c000000, "1c000000"), 0xffffffff9e000100n, 0x1c000000n],
  [
    "arm64",
    `OSRELEASE=${RELEASE}\nSYMBOL(init_uts_ns)=${(0xffff800080000000n + BigInt(UTS)).toString(16)}\nOFFSET(uts_namespace.name)=0\nSYMBOL(_stext)=ffff800080010000\nNUMBER(kimage_voffset)=0xffff800080000000\nKERNELOFFSET=0`,
    0xffff800082000100n,
    0n,
  ],
])("%s: release, offset, and text at the kernel's addresses", (_, vmcoreinfo, address, offset) => {
  const kernel = dumpKernel(memory(vmcoreinfo))!;
  expect([kernel.release, kernel.offset]).toEqual([RELEASE, offset]);
  expect(kernel.text!.textAt(address)).toBe("Start context switch");
  // No text, not in the kernel, not in the dump.
  expect(kernel.text!.textAt(address + 0x100n)).toBeUndefined();
  expect(kernel.text!.textAt(0x1000n)).toBeUndefined();
  expect(kernel.text!.textAt(0xffffffffffffff00n)).toBeUndefined();
  const env = makeEnv({ abi: { littleEndian: true, longSize: 8 }, kernelText: kernel.text } as never);
  expect(env.string(Number(address >> 32n), Number(address & 0xffffffffn))).toBe("Start context switch");
});

test("a mapping that does not lead to the kernel's own name is not believed", () => {
  expect(dumpKernel(memory(x86(0, "0"), "5.10.0"))).toMatchObject({ release: RELEASE, offset: 0n, text: undefined });
  expect(
    dumpKernel(memory(x86(0x1000, "0").replace("NUMBER(phys_base)=4096", "NUMBER(phys_base)=8192")))!.text,
  ).toBeUndefined();
  expect(dumpKernel(memory(`OSRELEASE=${RELEASE}\n`))).toMatchObject({
    release: RELEASE,
    offset: undefined,
    text: undefined,
  });
});

test("nothing is known without a release that can be one", () => {
  for (const vmcoreinfo of [
    "",
    "PAGESIZE=4096\n",
    "OSRELEASE=\n",
    "OSRELEASE=\u001b[31m\n",
    `OSRELEASE=${"6".repeat(99)}\n`,
  ])
    expect(dumpKernel(memory(vmcoreinfo))).toBeUndefined();
});
