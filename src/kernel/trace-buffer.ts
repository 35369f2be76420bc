import { COMMIT_OFFSET } from "../ring/subbuf.js";
import type { Area } from "./area.js";
import type { CpuBuffer } from "./cpu-buffer.js";
import { PageWalk } from "./events.js";
import type { BootCode, BootFinding } from "./finding.js";
import { PageWalks } from "./page-walks.js";
import type { Place } from "./place.js";
import type { BootBehaviour } from "./versions/boot.js";
import type { Kernel } from "./versions/kernel.js";

/** At most this many findings are kept of one CPU: an area of noise has one for every page. */
const MAX_FINDINGS = 20000;

/** struct trace_buffer while it is being set up: the area, the kernel, and all that it says on the way. */
export class TraceBuffer {
  /** Lines of the kernel log, without level and time. */
  readonly messages: string[] = [];
  readonly findings: BootFinding[] = [];
  /** What this simulation cannot know (bytes outside the area decide). */
  readonly uncertain: string[] = [];
  readonly cpus: CpuBuffer[] = [];
  /** By CPU: why its meta was reset, where it was. */
  readonly resetReasons = new Map<number, BootCode>();
  /** By CPU: why its pages were emptied, where they were. */
  readonly emptiedReasons = new Map<number, BootCode>();
  readonly rewound = new Map<number, number>();
  readonly discarded = new Map<number, number>();
  /** By CPU: bytes as the kernel counts them, which may be beyond 2^53 on damage. */
  readonly entryBytes = new Map<number, bigint>();
  readonly walk = new PageWalk();
  /** What this boot and others found in the sub-buffers. */
  readonly walks: PageWalks;
  /** Events looked at so far: a kernel that checks no lengths may be led all over the area, page after page. */
  steps = 0;
  readonly behaviour: BootBehaviour;
  /** Addresses that a reset writes into a meta that keeps any. */
  readonly textAddr: bigint;
  readonly dataAddr: bigint;

  constructor(
    readonly area: Area,
    readonly kernel: Kernel,
    readonly place: Place,
    {
      textAddr = 0n,
      dataAddr = 0n,
      walks = new PageWalks(),
    }: { readonly textAddr?: bigint; readonly dataAddr?: bigint; readonly walks?: PageWalks | undefined },
  ) {
    this.behaviour = kernel.behaviour;
    this.textAddr = textAddr;
    this.dataAddr = dataAddr;
    this.walks = walks;
  }

  say(line: string): void {
    this.messages.push(line);
  }

  found(finding: BootFinding): void {
    if (this.findings.length < MAX_FINDINGS) this.findings.push(finding);
  }

  /** Clears a sub-buffer: rb_init_page() until 7.1, rb_init_data_page() since. */
  initDataPage(offset: number): void {
    this.area.setLong(offset + COMMIT_OFFSET, 0n);
    if (this.behaviour.clearsTimeStamp) this.area.setU64(offset, 0n);
  }
}
