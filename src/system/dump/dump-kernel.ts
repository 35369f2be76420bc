import type { PhysicalMemory } from "../../input/memory/physical.js";
import { Vmcoreinfo } from "../../input/memory/vmcoreinfo.js";
import { MAX_CONSTANT_TEXT, textAtStart } from "../kernel-image/text-bytes.js";
import type { KernelText } from "../symbols/kernel-text.js";
import { type AddressSpace, addressSpace } from "./address-space.js";

/** What a machine's memory says of its kernel. */
export interface DumpKernel {
  readonly info: Vmcoreinfo;
  readonly release: string;
  /** How far KASLR moved it; undefined where the dump does not say. */
  readonly offset: bigint | undefined;
  /** By the addresses of the boot that wrote; undefined where it is not known how the kernel was mapped. */
  readonly space: AddressSpace | undefined;
  /** Text at such addresses. */
  readonly text: KernelText | undefined;
}

/** struct new_utsname: six texts of so many bytes (include/uapi/linux/utsname.h); the third is the release. */
const UTS_LENGTH = 65;
const RELEASE = 2;

/** What vmcoreinfo leads to; undefined where the dump has none. */
export function dumpKernel(memory: PhysicalMemory): DumpKernel | undefined {
  const info = new Vmcoreinfo(memory.vmcoreinfo ?? "");
  const { release } = info;
  if (release === undefined) return undefined;
  const offset = info.hexadecimal("KERNELOFFSET");
  const space = provenSpace(memory, info, release);
  return { info, release, offset, space, text: space && { linkedAt: undefined, textAt: (at) => textIn(space, at) } };
}

/** The address space, where the kernel's own name is what it leads to: then it is right for the rest. */
function provenSpace(memory: PhysicalMemory, info: Vmcoreinfo, release: string): AddressSpace | undefined {
  const space = addressSpace(memory, info);
  const uts = info.symbol("init_uts_ns");
  const name = info.decimal("OFFSET(uts_namespace.name)");
  if (space === undefined || uts === undefined || name === undefined) return undefined;
  const own = textIn(space, uts + name + BigInt(RELEASE * UTS_LENGTH));
  return textIn(space, uts + name) === "Linux" && own === release ? space : undefined;
}

function textIn(space: AddressSpace, address: bigint): string | undefined {
  const bytes = space.read(address, MAX_CONSTANT_TEXT + 1);
  return bytes.length === 0 ? undefined : textAtStart(bytes);
}
