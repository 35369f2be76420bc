import { hex } from "../ground/hex.js";
import { latin1 } from "../ground/latin1.js";
import type { ContextFiles } from "../system/context.js";
import type { Evidence, KernelFit } from "../system/kernel-image/fit.js";
import type { KernelImage } from "../system/kernel-image/kernel-image.js";
import type { LoadedModules } from "../system/kernel-image/loaded-modules.js";
import { PrintkFormats } from "../system/symbols/printk-formats.js";
import { optionalHex } from "./common.js";

/** A kernel that was found, and what it is wrapped in. */
export interface SystemSource {
  readonly file: string;
  readonly kernel: KernelImage;
  readonly fit: KernelFit | undefined;
  readonly modules: LoadedModules | undefined;
}

export interface SystemModule {
  readonly name: string;
  readonly address: string | null;
  readonly events: number;
  /** Its data, where records tell its place: an inference, and the addresses in records that it rests on. */
  readonly data: readonly { readonly region: string; readonly address: string; readonly by: readonly string[] }[];
}

export interface ImageFit {
  readonly image: string;
  readonly verdict: KernelFit["verdict"];
  readonly evidence: readonly Evidence[];
}

export interface SystemReport {
  readonly schema: "rbtool/system/1";
  readonly release: string | null;
  readonly version: string | null;
  readonly buildId: string | null;
  readonly machine: string | null;
  readonly byteOrder: "little-endian" | "big-endian" | null;
  readonly longSize: number | null;
  /** The boot image that is used, from the outside in. */
  readonly kernel: { readonly file: string; readonly layers: readonly string[] } | null;
  readonly events: { readonly formats: number; readonly systems: number };
  readonly symbols: number;
  readonly printkFormats: number;
  /** Bytes of BTF. */
  readonly btf: number;
  readonly hz: number | null;
  /** Modules of the writing boot that are known, in the scratch area's order. */
  readonly modules: readonly SystemModule[];
  /** How the kernel fits the image; null without an image, or without anything that can tell. */
  readonly fit: ImageFit | null;
  /** What is not known, and what it would be for. */
  readonly missing: readonly { readonly what: string; readonly use: string }[];
  readonly output: string | null;
}

/** The report of `system`: what these files know of a kernel. */
export function system(
  files: ContextFiles,
  found: SystemSource | undefined,
  fit: ImageFit | undefined,
  output: string | undefined,
): SystemReport {
  const kernel = found?.kernel;
  const abi = kernel?.memory.abi;
  const systems = new Set(files.formats.map(({ system }) => system));
  return {
    schema: "rbtool/system/1",
    release: files.release ?? null,
    version: kernel?.version ?? null,
    buildId: kernel?.buildId ?? null,
    machine: kernel?.machine ?? null,
    byteOrder: abi === undefined ? null : abi.littleEndian ? "little-endian" : "big-endian",
    longSize: abi?.longSize ?? null,
    kernel: found === undefined ? null : { file: found.file, layers: found.kernel.layers },
    events: { formats: files.formats.length, systems: systems.size },
    symbols: files.kallsyms?.lines ?? 0,
    printkFormats: files.printkFormats === undefined ? 0 : new PrintkFormats(latin1(files.printkFormats)).count,
    btf: files.btf?.reduce((sum, { bytes }) => sum + bytes.length, 0) ?? 0,
    hz: files.hz ?? null,
    modules: (found?.modules?.modules ?? []).map(({ module, address, data }) => ({
      name: module.name,
      address: optionalHex(address),
      events: module.events.length,
      data: data.map(({ region: { region }, address, by }) => ({ region, address: hex(address), by: by.map(hex) })),
    })),
    fit: fit === undefined ? null : { image: fit.image, verdict: fit.verdict, evidence: fit.evidence },
    missing: missingOf(files),
    output: output ?? null,
  };
}

function missingOf(files: ContextFiles): SystemReport["missing"] {
  const parts: readonly (readonly [there: boolean, what: string, use: string])[] = [
    [files.formats.length > 0, "event formats", "what events hold"],
    [files.kallsyms !== undefined, "symbols", "names of functions"],
    [files.printkFormats !== undefined, "printk formats", "trace_printk() and strings that events point at"],
    [files.btf !== undefined, "BTF", "types: arguments of functions, constants"],
    [files.release !== undefined, "the release", "what differs by version"],
    [files.hz !== undefined, "CONFIG_HZ", "jiffies as milliseconds; 250 is assumed"],
    [
      files.cmdlines !== undefined,
      "saved_cmdlines",
      "names of tasks that no event names; only the writing boot has them",
    ],
  ];
  return parts.filter(([there]) => !there).map(([, what, use]) => ({ what, use }));
}
