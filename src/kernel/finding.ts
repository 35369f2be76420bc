import type { PageFault } from "./events.js";

/** Why a boot loses something, or what it does beside keeping. A closed list: scripts match on these. */
export type BootCode =
  // the whole area
  | "area-too-small"
  | "boot-meta-magic"
  | "boot-meta-struct-sizes"
  | "boot-meta-total-size"
  | "boot-meta-offset-outside"
  | "boot-meta-buffers-offset"
  | "scratch-invalid"
  | "clock-invalid"
  | "clock-restored"
  // one CPU
  | "cpu-meta-magic"
  | "cpu-meta-sizes"
  | "cpu-meta-subbuf-size"
  | "cpu-meta-nr-subbufs"
  | "head-out-of-range"
  | "commit-out-of-range"
  | "buffers-out-of-range"
  | "buffers-duplicate"
  | "buffers-outside-area"
  | "commit-page-not-found"
  | "pages-not-mapped"
  | "reader-page-invalid"
  // one page
  | PageFault
  // the kernel itself
  | "kernel-fault"
  | "kernel-hang";

/** One thing that the simulated boot found, with the place that it is about. */
export interface BootFinding {
  readonly code: BootCode;
  readonly cpu?: number;
  /** Physical index and id of the sub-buffer. */
  readonly index?: number;
  readonly id?: number;
  /** Where in the area: the field or the sub-buffer. */
  readonly offset: number;
  /** Where the event that is not valid lies. */
  readonly eventOffset?: number;
  readonly message: string;
}
