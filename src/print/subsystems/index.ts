import type { Calls } from "../call.js";
import { ATA_CALLS } from "./ata.js";
import { EDAC_CALLS } from "./edac.js";
import { IOMMU_CALLS } from "./iommu.js";
import { LANDLOCK_CALLS } from "./landlock.js";
import { NVME_CALLS } from "./nvme.js";
import { SCSI_CALLS } from "./scsi.js";
import { XEN_CALLS } from "./xen.js";

/** The functions of drivers and other parts of the kernel that print formats call. */
export const SUBSYSTEM_CALLS: Calls = {
  ...ATA_CALLS,
  ...EDAC_CALLS,
  ...IOMMU_CALLS,
  ...LANDLOCK_CALLS,
  ...NVME_CALLS,
  ...SCSI_CALLS,
  ...XEN_CALLS,
};
