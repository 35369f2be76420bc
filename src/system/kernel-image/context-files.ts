import type { ContextFiles } from "../context.js";
import { movedKallsyms } from "../symbols/moved-kallsyms.js";
import { constantText } from "./constant-text.js";
import { formatText } from "./event.js";
import type { KernelImage, NumberedEvent } from "./kernel-image.js";
import type { LoadedModules } from "./loaded-modules.js";

/**
 * What a kernel's own files say, in the words of the files that a running kernel shows: nothing above knows the
 * difference.
 * @param moved how far from its linked address the kernel is shown
 */
export function contextFilesOf(kernel: KernelImage, loaded?: LoadedModules, moved = 0n): ContextFiles {
  const { symbols, btf, release, memory, hz } = kernel;
  const printkFormats = movedFormats(kernel.printkFormats, moved);
  const kernelText = constantText(
    memory,
    symbols,
    loaded?.modules.flatMap(({ data }) => data),
  );
  const modules = (loaded?.modules ?? []).flatMap(({ module }) =>
    module.btf === undefined ? [] : [{ name: module.name, bytes: module.btf }],
  );
  const ends = regionEnds(loaded);
  return {
    formats: formatFilesOf([...kernel.events, ...(loaded?.events ?? [])]),
    ...(symbols === undefined
      ? {}
      : { kallsyms: withModules(movedSymbols(symbols.file, moved), moduleSymbols(kernel, loaded)) }),
    ...(printkFormats === "" ? {} : { printkFormats: Buffer.from(printkFormats, "latin1") }),
    ...(btf === undefined ? {} : { btf: [{ name: "vmlinux", bytes: btf }, ...modules] }),
    ...(release === undefined ? {} : { release }),
    ...(hz === undefined ? {} : { hz }),
    ...(loaded === undefined || loaded.doubtful.size === 0 ? {} : { doubtful: loaded.doubtful }),
    ...(kernelText === undefined ? {} : { kernelText }),
    ...(ends.length === 0 ? {} : { regionEnds: ends }),
  };
}

function movedSymbols(file: Uint8Array, moved: bigint): Uint8Array {
  return moved === 0n ? file : movedKallsyms(file, { lines: () => [] }, moved);
}

/** Lines of printk_formats: `0xADDRESS : "text"`. */
function movedFormats(text: string, moved: bigint): string {
  if (moved === 0n) return text;
  return text.replace(/^0x([0-9a-f]{1,16})(?= : )/gm, (_, digits: string) => {
    const address = BigInt.asUintN(64, BigInt(`0x${digits}`) + moved);
    return `0x${address.toString(16)}`;
  });
}

/** Their format files. */
export function formatFilesOf(events: readonly NumberedEvent[]): ContextFiles["formats"] {
  return events.map(({ id, event }) => ({
    system: event.system,
    path: `events/${event.system}/${event.name}/format`,
    bytes: Buffer.from(formatText(event, id), "latin1"),
  }));
}

function withModules(own: Uint8Array, modules: Buffer): Uint8Array {
  return modules.length === 0 ? own : Buffer.concat([own, modules]);
}

/** The end of each region that is known. */
function regionEnds(loaded: LoadedModules | undefined): bigint[] {
  const ends = (loaded?.modules ?? []).flatMap(({ module, address, data }) => [
    ...(address === undefined ? [] : [address + BigInt(module.textSize)]),
    ...data.map(({ region, address }) => address + BigInt(region.size)),
  ]);
  return ends.sort((a, b) => (a < b ? -1 : 1));
}

/** Lines of kallsyms for the modules whose place is known. */
function moduleSymbols({ memory }: KernelImage, loaded: LoadedModules | undefined): Buffer {
  let text = "";
  for (const { module, address, data } of loaded?.modules ?? []) {
    const regions = data.map(({ region, address }) => ({ symbols: region.symbols, address }));
    if (address !== undefined) regions.unshift({ symbols: module.text, address });
    for (const { symbols, address } of regions)
      for (const { name, type, offset } of symbols)
        text += `${(address + offset).toString(16).padStart(memory.word * 2, "0")} ${type} ${name}\t[${module.name}]\n`;
  }
  return Buffer.from(text, "latin1");
}
