import { InputError } from "../../ground/errors.js";
import { KernelImageError } from "./errors.js";
import type { KernelFile } from "./files.js";
import { type KernelImage, readKernelImage } from "./kernel-image.js";
import { nameOf } from "./name-of.js";
import { unwrapKernel } from "./unwrap.js";

/** Unwraps and reads a kernel. Throws InputError that names the file when it is none. */
export async function openKernel(file: KernelFile): Promise<KernelImage> {
  const name = nameOf(file);
  try {
    const unwrapped = await unwrapKernel(file.bytes(), file.allowance);
    if (unwrapped !== undefined) return readKernelImage(unwrapped);
  } catch (error) {
    if (error instanceof InputError || error instanceof KernelImageError)
      throw new InputError(`${name}: ${error.message}`);
    throw error;
  }
  throw new InputError(`${name}: not a collection (see \`rbtool collect-script\`), a kernel, a module or a package`);
}
