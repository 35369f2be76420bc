import type { Image } from "../image/image.js";
import type { WritingBoot } from "../system/kernel-image/fit.js";
import { recordKinds } from "./record-kinds.js";

/** What an image says of the boot that wrote it: the facts that a kernel's own file is held against. */
export function writingBootOf(image: Image): WritingBoot {
  const { layout, scratch } = image;
  const marks = image.cpus
    .map(({ meta }) => meta?.values as { readonly text_addr?: bigint; readonly data_addr?: bigint } | undefined)
    .find((values) => values?.text_addr);
  return {
    abi: layout.abi,
    hasScratch: layout.generation === "global",
    text: scratch?.textAddress || undefined,
    marks:
      marks?.text_addr === undefined || marks.data_addr === undefined
        ? undefined
        : { text: marks.text_addr, data: marks.data_addr },
    modules: scratch?.modules.map(({ name, address }) => ({ name, address })) ?? [],
    ...recordKinds(image),
  };
}
