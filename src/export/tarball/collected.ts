import type { ArchiveFile } from "../../input/archive/archive-file.js";
import type { ContextFiles } from "../../system/context.js";

/** What is known of a kernel, as the files that the collector's script would have saved there. */
export function* collectedFiles(files: ContextFiles, machine: string | undefined): Generator<ArchiveFile> {
  const latin1 = (text: string): Uint8Array => Buffer.from(text, "latin1");
  for (const { path, bytes } of files.formats) {
    const [name, event, system] = path.split("/").reverse();
    if (safe(system) && safe(event) && name === "format") yield { path: `events/${system}/${event}/format`, bytes };
  }
  const rest: readonly (readonly [path: string, bytes: Uint8Array | undefined])[] = [
    ["events/header_page", files.headerPage],
    ["events/header_event", files.headerEvent],
    ["kallsyms", files.kallsyms?.bytes],
    ["printk_formats", files.printkFormats],
    ["saved_cmdlines", files.cmdlines],
    ["modules", files.modules],
    ["trace_clock", files.traceClock],
    ["release", files.release === undefined ? undefined : latin1(`${files.release}\n`)],
    ["machine", machine === undefined ? undefined : latin1(`${machine}\n`)],
    ["config", files.hz === undefined ? undefined : latin1(`CONFIG_HZ=${files.hz}\n`)],
  ];
  for (const [path, bytes] of rest) if (bytes !== undefined) yield { path, bytes };
  for (const { name, bytes } of files.btf ?? []) if (safe(name)) yield { path: `btf/${name}`, bytes };
}

/** Names come from files that nobody vouches for. */
function safe(name: string | undefined): boolean {
  return name !== undefined && /^[\w.:+-]{1,80}$/.test(name) && !/^\.+$/.test(name);
}
