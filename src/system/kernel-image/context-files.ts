import type { ContextFiles } from "../context.js";
import { constantText } from "./constant-text.js";
import { formatText } from "./event.js";
import type { KernelImage } from "./kernel-image.js";
import type { LoadedModules } from "./loaded-modules.js";

/**
 * What a kernel's own files say, in the words of the files that a running kernel shows: nothing above knows the
 * difference.
 */
export function contextFilesOf(kernel: KernelImage, loaded?: LoadedModules): ContextFiles {
  const { symbols, printkFormats, btf, release, memory, hz } = kernel;
  const kernelText = constantText(memory, symbols);
  const modules = (loaded?.modules ?? []).flatMap(({ module }) =>
    module.btf === undefined ? [] : [{ name: module.name, bytes: module.btf }],
  );
  return {
    formats: [...kernel.events, ...(loaded?.events ?? [])].map(({ id, event }) => ({
      system: event.system,
      path: `events/${event.system}/${event.name}/format`,
      bytes: Buffer.from(formatText(event, id), "latin1"),
    })),
    ...(symbols === undefined ? {} : { kallsyms: withModules(symbols.file, moduleSymbols(kernel, loaded)) }),
    ...(printkFormats === "" ? {} : { printkFormats: Buffer.from(printkFormats, "latin1") }),
    ...(btf === undefined ? {} : { btf: [{ name: "vmlinux", bytes: btf }, ...modules] }),
    ...(release === undefined ? {} : { release }),
    ...(hz === undefined ? {} : { hz }),
    ...(loaded === undefined || loaded.doubtful.size === 0 ? {} : { doubtful: loaded.doubtful }),
    ...(kernelText === undefined ? {} : { kernelText }),
  };
}

function withModules(own: Uint8Array, modules: Buffer): Uint8Array {
  return modules.length === 0 ? own : Buffer.concat([own, modules]);
}

/** Lines of kallsyms for the modules whose place is known. */
function moduleSymbols({ memory }: KernelImage, loaded: LoadedModules | undefined): Buffer {
  let text = "";
  for (const { module, address } of loaded?.modules ?? []) {
    if (address === undefined) continue;
    for (const { name, type, offset } of module.text)
      text += `${(address + offset).toString(16).padStart(memory.word * 2, "0")} ${type} ${name}\t[${module.name}]\n`;
  }
  return Buffer.from(text, "latin1");
}
