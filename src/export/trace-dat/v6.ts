import { alignUp } from "../../ground/abi.js";
import { VERSION } from "../../version.js";
import type { FileBytes } from "./file-bytes.js";
import type { FileFacts } from "./file-facts.js";

const OPTION = { END: 0, CPUSTAT: 2, TRACECLOCK: 4, UNAME: 5, VERSION: 9 } as const;

/** All of a file of version 6 up to its pages (trace-cmd's Documentation, trace-cmd.dat.v6(5)): no sections, and every CPU. */
export function* fileV6(facts: FileFacts): Generator<Uint8Array> {
  const { kernel, about, pageSize, nrCpus } = facts;
  const out = facts.start("6");
  const append = (part: FileBytes): void => {
    for (const bytes of part.all()) out.bytes(bytes);
  };
  for (const part of [facts.headers(), facts.ftrace(), facts.events()]) append(part);
  out.sized32(kernel.kallsyms).sized32(kernel.printkFormats).sized64(Buffer.from(about.names, "latin1"));
  out.u32(nrCpus).string("options  ");
  const option = (id: number, text: string): void => {
    out
      .u16(id)
      .u32(text.length + 1)
      .string(text);
  };
  for (const stats of about.cpuStats) option(OPTION.CPUSTAT, stats);
  const clock = `[${about.clock}]`;
  option(OPTION.TRACECLOCK, clock);
  if (about.uname !== undefined) option(OPTION.UNAME, about.uname);
  option(OPTION.VERSION, `rbtool ${VERSION}`);
  out.u16(OPTION.END).string("flyrecord");
  // With the option TRACECLOCK, readers take the clock's text from behind the index (read_cpu_data(), lib/trace-cmd).
  const indexSize = nrCpus * 16 + 8 + clock.length;
  let at = alignUp(out.length + indexSize, pageSize);
  const padding = at - out.length - indexSize;
  for (let cpu = 0; cpu < nrCpus; cpu++) {
    const size = (facts.cpus.find((each) => each.cpu === cpu)?.pages ?? 0) * pageSize;
    out.u64(at).u64(size);
    at += size;
  }
  out.sized64(Buffer.from(clock, "latin1"));
  yield* out.all();
  yield new Uint8Array(padding);
}
