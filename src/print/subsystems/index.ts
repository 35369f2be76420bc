import type { Calls } from "../call.js";
import { ATA_CALLS } from "./ata.js";
import { BCACHEFS_CALLS } from "./bcachefs.js";
import { BLOCK_CALLS } from "./block.js";
import { CEPH_CALLS } from "./ceph.js";
import { CPER_CALLS } from "./cper.js";
import { DRM_CALLS } from "./drm.js";
import { DWC3_CALLS } from "./dwc3.js";
import { EDAC_CALLS } from "./edac.js";
import { HFI1_CALLS } from "./hfi1.js";
import { IOMMU_CALLS } from "./iommu.js";
import { IRDMA_CALLS } from "./irdma.js";
import { KGSL_CALLS } from "./kgsl.js";
import { LANDLOCK_CALLS } from "./landlock.js";
import { MLX5_CALLS } from "./mlx5.js";
import { NVME_CALLS } from "./nvme.js";
import { SCSI_CALLS } from "./scsi.js";
import { SOUND_CALLS } from "./sound.js";
import { THUNDERBOLT_CALLS } from "./thunderbolt.js";
import { USB_CALLS } from "./usb.js";
import { XEN_CALLS } from "./xen.js";
import { XHCI_CALLS } from "./xhci.js";

/** The functions of drivers and other parts of the kernel that print formats call. */
export const SUBSYSTEM_CALLS: Calls = {
  ...ATA_CALLS,
  ...BCACHEFS_CALLS,
  ...HFI1_CALLS,
  ...MLX5_CALLS,
  ...EDAC_CALLS,
  ...IOMMU_CALLS,
  ...KGSL_CALLS,
  ...LANDLOCK_CALLS,
  ...NVME_CALLS,
  ...SCSI_CALLS,
  ...BLOCK_CALLS,
  ...DWC3_CALLS,
  ...USB_CALLS,
  ...XHCI_CALLS,
  ...CEPH_CALLS,
  ...CPER_CALLS,
  ...DRM_CALLS,
  ...IRDMA_CALLS,
  ...SOUND_CALLS,
  ...THUNDERBOLT_CALLS,
  ...XEN_CALLS,
};
