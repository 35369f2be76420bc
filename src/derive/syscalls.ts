import type { Image } from "../image/image.js";
import { isX86Text } from "../machine/x86.js";
import { type SyscallNames, syscallNames } from "../system/syscalls/names.js";
import type { WritingKernel } from "../system/writing-kernel.js";

interface SyscallSources {
  readonly image: Image;
  readonly writer: Pick<WritingKernel, "kallsyms" | "release">;
}

/** The names of the writing kernel's system calls by number, as far as its architecture is known. */
export function syscallsOf({ image, writer }: SyscallSources): SyscallNames {
  const { kallsyms, release } = writer;
  return syscallNames({
    kallsyms,
    release,
    abi: image.layout.abi,
    isX86: isX86Text(image.scratch?.textAddress ?? 0n),
  });
}
