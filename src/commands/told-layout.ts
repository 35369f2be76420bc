import { InputError } from "../ground/errors.js";
import type { WriterLayout } from "../ring/layouts.js";
import { Btf } from "../system/btf.js";
import type { ContextOptions } from "./context/options.js";

/**
 * How the writing kernel lays its buffer out, by the types that the options lead to: for an image whose header no known
 * kernel writes. Undefined where they have none, or say what is known anyhow.
 */
export async function toldLayout({
  system,
  btf,
}: Pick<ContextOptions, "system" | "btf">): Promise<WriterLayout | undefined> {
  const types = await typesIn(system ?? [], btf);
  if (types === undefined) return undefined;
  const { ringLayoutOf } = await import("../derive/ring-types.js");
  const layout = ringLayoutOf(types);
  const { WRITER_LAYOUTS } = await import("../ring/layouts.js");
  return layout === undefined || WRITER_LAYOUTS.includes(layout) ? undefined : layout;
}

async function typesIn(paths: readonly string[], path: string | undefined): Promise<Btf | undefined> {
  const { gatherSystem, loadContextFiles } = await import("../system/load.js");
  const { NO_MODULES } = await import("../system/collector.js");
  const { collected, kernels } = await gatherSystem(paths, NO_MODULES);
  const files = path === undefined ? collected : loadContextFiles({ btf: path }, collected);
  const bytes = files.btf?.find(({ name }) => name === "vmlinux")?.bytes;
  if (bytes !== undefined) return new Btf(bytes);
  const { openKernel } = await import("../system/kernel-image/open-kernel.js");
  for (const kernel of kernels) {
    try {
      const { types } = await openKernel(kernel);
      if (types !== undefined) return types;
    } catch (error) {
      // What is wrong with it is told when the image is read with it.
      if (!(error instanceof InputError)) throw error;
    }
  }
  return undefined;
}
