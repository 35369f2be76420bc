import type { KernelFilesReport } from "../report/kernel-files.js";

/** Each file under its name, as `tail -n +1` shows several. */
export function renderKernelFiles({ cpus }: KernelFilesReport): string {
  return cpus
    .flatMap(({ cpu, ...files }) =>
      Object.entries(files).map(([name, text]) => `==> per_cpu/cpu${cpu}/${name} <==\n${text}`),
    )
    .join("\n");
}
