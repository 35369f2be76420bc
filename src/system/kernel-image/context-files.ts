import type { ContextFiles } from "../context.js";
import { movedKallsyms } from "../symbols/moved-kallsyms.js";
import { movedPrintkFormats } from "../symbols/printk-formats.js";
import { SymbolFile } from "../symbols/symbol-file.js";
import { constantText } from "./constant-text.js";
import { formatText } from "./event.js";
import type { KernelImage, NumberedEvent } from "./kernel-image.js";
import type { LoadedModules } from "./loaded-modules.js";
import type { ImageSymbols } from "./symbols.js";

/**
 * What a kernel's own files say, in the words of the files that a running kernel shows: nothing above knows the
 * difference.
 * @param moved how far from its linked address the kernel is shown
 */
export function contextFilesOf(kernel: KernelImage, loaded?: LoadedModules, moved = 0n): ContextFiles {
  const { symbols, btf, release, memory, hz } = kernel;
  const printkFormats = movedPrintkFormats(kernel.printkFormats, moved);
  const kernelText = constantText(
    memory,
    symbols,
    loaded?.modules.flatMap(({ data }) => data),
  );
  const modules = (loaded?.modules ?? []).flatMap(({ module }) =>
    module.btf === undefined ? [] : [{ name: module.name, bytes: module.btf }],
  );
  const ends = regionEnds(loaded);
  const placed = (loaded?.modules ?? []).flatMap(({ data }) =>
    data.map(({ region, address }) => ({ address, size: region.size })),
  );
  return {
    formats: formatFilesOf([...kernel.events, ...(loaded?.events ?? [])]),
    ...(symbols === undefined ? {} : { kallsyms: symbolFile(symbols, moduleSymbols(kernel, loaded), moved) }),
    ...(printkFormats === "" ? {} : { printkFormats: Buffer.from(printkFormats, "latin1") }),
    ...(btf === undefined ? {} : { btf: [{ name: "vmlinux", bytes: btf }, ...modules] }),
    ...(release === undefined ? {} : { release }),
    ...(hz === undefined ? {} : { hz }),
    ...(loaded === undefined || loaded.doubtful.size === 0 ? {} : { doubtful: loaded.doubtful }),
    ...(kernelText === undefined ? {} : { kernelText }),
    ...(placed.length === 0 ? {} : { placed }),
    ...(ends.length === 0 ? {} : { regionEnds: ends }),
  };
}

function symbolFile(symbols: ImageSymbols, modules: readonly string[], moved: bigint): SymbolFile {
  const write = (): Uint8Array => {
    const linked = symbols.text();
    const own = moved === 0n ? linked : movedKallsyms(linked, { lines: () => [] }, moved);
    return modules.length === 0 ? own : Buffer.concat([own, Buffer.from(modules.join(""), "latin1")]);
  };
  return SymbolFile.made(write, symbols.count + modules.length);
}

/** Their format files. */
export function formatFilesOf(events: readonly NumberedEvent[]): ContextFiles["formats"] {
  return events.map(({ id, event }) => ({
    system: event.system,
    path: `events/${event.system}/${event.name}/format`,
    bytes: Buffer.from(formatText(event, id), "latin1"),
  }));
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
function moduleSymbols({ memory }: KernelImage, loaded: LoadedModules | undefined): string[] {
  const lines: string[] = [];
  for (const { module, address, data } of loaded?.modules ?? []) {
    const regions = data.map(({ region, address }) => ({ symbols: region.symbols, address }));
    if (address !== undefined) regions.unshift({ symbols: module.text, address });
    for (const { symbols, address } of regions)
      for (const { name, type, offset } of symbols)
        lines.push(
          `${(address + offset).toString(16).padStart(memory.word * 2, "0")} ${type} ${name}\t[${module.name}]\n`,
        );
  }
  return lines;
}
