import type { PhysicalMemory } from "../../input/memory/physical.js";
import { type Io, tell } from "../../io.js";
import { findAreas } from "../../locate/find.js";
import { bannerRelease } from "../../locate/traces.js";
import { type ContextFiles, mergeContextFiles } from "../../system/context.js";
import { type DumpKernel, dumpKernel } from "../../system/dump/dump-kernel.js";
import { type RunningKernel, runningKernel } from "../../system/dump/running-kernel.js";
import { searching } from "../search.js";

/** What the files do not say of the kernel, and the machine's memory does. */
export async function fromDump(machine: PhysicalMemory, files: ContextFiles, io: Io): Promise<ContextFiles> {
  // An area that was named is found without a search.
  if (machine.vmcoreinfo === undefined) await searching(io, (search) => findAreas(machine, search));
  const kernel = dumpKernel(machine);
  if (kernel === undefined) return withBanner(machine, files, io);
  // Files of another release may be meant to be: what a person names stands, and nothing of another kernel beside it.
  const found = (files.release ?? kernel.release) === kernel.release ? runningKernel(machine, kernel) : undefined;
  const own = found && (files.formats.length === 0 ? found : namesOnly(found));
  const text = files.kernelText ?? kernel.text;
  const merged = own === undefined ? files : mergeContextFiles(files, own.files);
  tell(io, dumpKernelText(kernel, { text: text !== undefined && text === kernel.text, own, files }));
  return {
    ...merged,
    release: files.release ?? kernel.release,
    releaseStated: files.releaseStated ?? files.release === undefined,
    ...(text === undefined ? {} : { kernelText: text }),
  };
}

/** Beside event formats that a person names the dump tells names alone: the text is then that of the area saved by itself. */
function namesOnly({ files: { release, cmdlines }, names }: RunningKernel): RunningKernel {
  return { names, files: { formats: [], ...(release && { release }), ...(cmdlines && { cmdlines }) } };
}

/** Without vmcoreinfo (a kernel without kdump has none), its banner tells the release. */
async function withBanner(machine: PhysicalMemory, files: ContextFiles, io: Io): Promise<ContextFiles> {
  const release = files.release === undefined ? await bannerRelease(machine) : undefined;
  if (release === undefined) return files;
  tell(io, `the kernel's banner in the memory: written by ${release}`);
  return { ...files, release, releaseStated: true };
}

interface TakenFromDump {
  /** Text at the kernel's addresses. */
  readonly text: boolean;
  readonly own: RunningKernel | undefined;
  /** What was known before. */
  readonly files: ContextFiles;
}

/** What came from the dump, in words. */
function dumpKernelText({ release, offset }: DumpKernel, { text, own, files }: TakenFromDump): string {
  const moved = offset ? `, moved by 0x${offset.toString(16)} (KASLR)` : "";
  const taken = text ? ["strings at its addresses"] : [];
  if (own !== undefined) {
    if (files.formats.length === 0 && own.files.formats.length > 0)
      taken.push(`formats of ${own.files.formats.length} events (the kernel's own, not its modules')`);
    if (files.kallsyms === undefined && own.files.kallsyms !== undefined) taken.push("symbols");
    if (files.printkFormats === undefined && own.files.printkFormats !== undefined) taken.push("printk formats");
    if (files.btf === undefined && own.files.btf !== undefined) taken.push("types (BTF)");
    const { saved, running } = own.names;
    if (files.cmdlines === undefined && own.files.cmdlines !== undefined)
      taken.push(
        `names of ${saved + running} tasks (${saved} of saved_cmdlines, ${running} more of the tasks themselves)`,
      );
  }
  const from = taken.length > 0 ? `; read from the dump: ${taken.join(", ")}` : "";
  return `vmcoreinfo in the memory: written by ${release}${moved}${from}`;
}
