import { isSince, type Release } from "../ground/release.js";
import { driverEnumValue } from "./driver-enums.js";

/**
 * Values of the enum constants that print formats name. The kernel replaces the names that TRACE_DEFINE_ENUM()
 * exports; these it leaves as they are. All are ABI, hardware values or enums that have not moved in 6.12 to 7.3.
 */

/** Consecutive values from `first`. */
function run(first: number, names: string): [string, number][] {
  return names.split(" ").map((name, i) => [name, first + i]);
}

/** Single bits from bit `first`. */
function bits(first: number, names: string): [string, number][] {
  return names.split(" ").map((name, i) => [name, 2 ** (first + i)]);
}

/** "NAME=value NAME=value". */
function pairs(prefix: string, text: string): [string, number][] {
  return text.split(" ").map((pair) => {
    const [name, value] = pair.split("=");
    return [prefix + name!, Number(value)];
  });
}

const VALUES: ReadonlyMap<string, number> = new Map([
  // include/net/tcp_states.h
  ...run(
    1,
    "TCP_ESTABLISHED TCP_SYN_SENT TCP_SYN_RECV TCP_FIN_WAIT1 TCP_FIN_WAIT2 TCP_TIME_WAIT TCP_CLOSE TCP_CLOSE_WAIT TCP_LAST_ACK TCP_LISTEN TCP_CLOSING TCP_NEW_SYN_RECV",
  ),
  // include/linux/hrtimer.h
  ...run(
    0,
    "HRTIMER_MODE_ABS HRTIMER_MODE_REL HRTIMER_MODE_ABS_PINNED HRTIMER_MODE_REL_PINNED HRTIMER_MODE_ABS_SOFT HRTIMER_MODE_REL_SOFT HRTIMER_MODE_ABS_PINNED_SOFT HRTIMER_MODE_REL_PINNED_SOFT HRTIMER_MODE_ABS_HARD HRTIMER_MODE_REL_HARD HRTIMER_MODE_ABS_PINNED_HARD HRTIMER_MODE_REL_PINNED_HARD",
  ),
  // include/linux/mm_types.h
  ...bits(
    0,
    "FAULT_FLAG_WRITE FAULT_FLAG_MKWRITE FAULT_FLAG_ALLOW_RETRY FAULT_FLAG_RETRY_NOWAIT FAULT_FLAG_KILLABLE FAULT_FLAG_TRIED FAULT_FLAG_USER FAULT_FLAG_REMOTE FAULT_FLAG_INSTRUCTION FAULT_FLAG_INTERRUPTIBLE FAULT_FLAG_UNSHARE FAULT_FLAG_ORIG_PTE_VALID FAULT_FLAG_VMA_LOCK",
  ),
  ...pairs(
    "VM_FAULT_",
    "OOM=1 SIGBUS=2 MAJOR=4 HWPOISON=0x10 HWPOISON_LARGE=0x20 SIGSEGV=0x40 NOPAGE=0x100 LOCKED=0x200 RETRY=0x400 FALLBACK=0x800 DONE_COW=0x1000 NEEDDSYNC=0x2000 COMPLETED=0x4000",
  ),
  ["VMA_SHARED_BIT", 3],
  // include/linux/fs.h, since these are an enum (6.18); before, formats hold the numbers.
  ...bits(0, "I_NEW I_SYNC I_LRU_ISOLATING"),
  ...bits(
    4,
    "I_DIRTY_SYNC I_DIRTY_DATASYNC I_DIRTY_PAGES I_WILL_FREE I_FREEING I_CLEAR I_REFERENCED I_LINKABLE I_DIRTY_TIME I_WB_SWITCH I_OVL_INUSE I_CREATING I_DONTCACHE I_SYNC_QUEUED I_PINNING_NETFS_WB",
  ),
  // include/linux/pm_qos.h
  ...run(0, "PM_QOS_ADD_REQ PM_QOS_UPDATE_REQ PM_QOS_REMOVE_REQ"),
  ...run(
    1,
    "DEV_PM_QOS_RESUME_LATENCY DEV_PM_QOS_LATENCY_TOLERANCE DEV_PM_QOS_MIN_FREQUENCY DEV_PM_QOS_MAX_FREQUENCY DEV_PM_QOS_FLAGS",
  ),
  // include/uapi/linux/ioprio.h
  ...pairs("IOPRIO_CLASS_", "NONE=0 RT=1 BE=2 IDLE=3 INVALID=7"),
  // include/linux/mmzone.h
  ...run(0, "VMSCAN_THROTTLE_WRITEBACK VMSCAN_THROTTLE_ISOLATED VMSCAN_THROTTLE_NOPROGRESS VMSCAN_THROTTLE_CONGESTED"),
  // drivers/cxl
  ...run(0, "CXL_EVENT_TYPE_INFO CXL_EVENT_TYPE_WARN CXL_EVENT_TYPE_FAIL CXL_EVENT_TYPE_FATAL"),
  ...run(0, "CXL_POISON_TRACE_LIST CXL_POISON_TRACE_INJECT CXL_POISON_TRACE_CLEAR"),
  // drivers/iommu/intel
  ...run(0, "CACHE_TAG_IOTLB CACHE_TAG_DEVTLB CACHE_TAG_NESTING_IOTLB CACHE_TAG_NESTING_DEVTLB"),
  // arch/x86/xen
  ...run(0, "XEN_MC_FL_NONE XEN_MC_FL_BATCH XEN_MC_FL_ARGS XEN_MC_FL_CALLBACK"),
  ...run(0, "XEN_MC_XE_OK XEN_MC_XE_BAD_OP XEN_MC_XE_NO_SPACE"),
  ...run(0, "XEN_LAZY_NONE XEN_LAZY_MMU XEN_LAZY_CPU"),
  // arch/arm64/include/asm/kvm_emulate.h, drivers/soc/qcom
  ...pairs("except_type_", "sync=0 irq=0x80 fiq=0x100 serror=0x180"),
  ...run(0, "RPMH_SLEEP_STATE RPMH_WAKE_ONLY_STATE RPMH_ACTIVE_ONLY_STATE"),
  // include/linux/nvme.h
  ["nvme_fabrics_command", 0x7f],
  ...pairs("nvme_fabrics_type_", "property_set=0 connect=1 property_get=4 auth_send=5 auth_receive=6"),
  ...pairs(
    "nvme_cmd_",
    "flush=0 write=1 read=2 write_uncor=4 compare=5 write_zeroes=8 dsm=9 verify=0xc resv_register=0xd resv_report=0xe resv_acquire=0x11 io_mgmt_recv=0x12 resv_release=0x15 zone_mgmt_send=0x79 zone_mgmt_recv=0x7a zone_append=0x7d",
  ),
  ...pairs(
    "nvme_admin_",
    "delete_sq=0 create_sq=1 get_log_page=2 delete_cq=4 create_cq=5 identify=6 abort_cmd=8 set_features=9 get_features=0xa async_event=0xc ns_mgmt=0xd activate_fw=0x10 download_fw=0x11 dev_self_test=0x14 ns_attach=0x15 keep_alive=0x18 directive_send=0x19 directive_recv=0x1a virtual_mgmt=0x1c nvme_mi_send=0x1d nvme_mi_recv=0x1e dbbuf=0x7c format_nvm=0x80 security_send=0x81 security_recv=0x82 sanitize_nvm=0x84 get_lba_status=0x86",
  ),
  ...pairs("NVME_AER_", "ERROR=0 SMART=1 NOTICE=2 CSS=6 VS=7"),
  // include/trace/events/afs.h: the first of each list, which E_ and EM() leave without a TRACE_DEFINE_ENUM()
  ["afs_edit_dir_for_create", 0],
  ["afs_FS_FetchData", 130],
  // include/linux/printk.h
  ...run(0, "DUMP_PREFIX_NONE DUMP_PREFIX_ADDRESS DUMP_PREFIX_OFFSET"),
  // drivers/gpu/drm/i915/display/intel_display_limits.h
  ...run(0, "PIPE_A PIPE_B PIPE_C PIPE_D"),
  // include/uapi/linux/nfs4.h
  ["NFS4_VERIFIER_SIZE", 8],
  // include/linux/interrupt.h (IRQ_POLL was BLOCK_IOPOLL; the numbers have not moved since 3.4)
  ...run(
    0,
    "HI_SOFTIRQ TIMER_SOFTIRQ NET_TX_SOFTIRQ NET_RX_SOFTIRQ BLOCK_SOFTIRQ IRQ_POLL_SOFTIRQ TASKLET_SOFTIRQ SCHED_SOFTIRQ HRTIMER_SOFTIRQ RCU_SOFTIRQ",
  ),
  // The same in kernels from 3.4 to 5.10, whose formats (Android's) leave these names.
  ["BLOCK_IOPOLL_SOFTIRQ", 5],
  ...run(
    0,
    "WB_REASON_BACKGROUND WB_REASON_TRY_TO_FREE_PAGES WB_REASON_SYNC WB_REASON_PERIODIC WB_REASON_LAPTOP_TIMER WB_REASON_FREE_MORE_MEM WB_REASON_FS_FREE_SPACE WB_REASON_FORKER_THREAD",
  ),
  ...run(0, "MR_COMPACTION MR_MEMORY_FAILURE MR_MEMORY_HOTPLUG MR_SYSCALL MR_MEMPOLICY_MBIND MR_NUMA_MISPLACED MR_CMA"),
  ...run(1, "PM_QOS_CPU_DMA_LATENCY PM_QOS_NETWORK_LATENCY PM_QOS_NETWORK_THROUGHPUT"),
  ...run(0, "MIGRATE_ASYNC MIGRATE_SYNC_LIGHT MIGRATE_SYNC"),
  ...run(0, "ES_WRITTEN_B ES_UNWRITTEN_B ES_DELAYED_B ES_HOLE_B"),
  ...run(0, "SND_SOC_DAPM_DIR_IN SND_SOC_DAPM_DIR_OUT"),
  ...run(0, "SWIOTLB_NORMAL SWIOTLB_FORCE SWIOTLB_NO_FORCE"),
  // drivers/scsi/ufs/ufs.h, ufshcd.h
  ...run(1, "UFS_ACTIVE_PWR_MODE UFS_SLEEP_PWR_MODE UFS_POWERDOWN_PWR_MODE"),
  ...run(0, "UIC_LINK_OFF_STATE UIC_LINK_ACTIVE_STATE UIC_LINK_HIBERN8_STATE"),
  // include/scsi
  ...run(
    0,
    "SCSI_PROT_NORMAL SCSI_PROT_READ_INSERT SCSI_PROT_WRITE_STRIP SCSI_PROT_READ_STRIP SCSI_PROT_WRITE_INSERT SCSI_PROT_READ_PASS SCSI_PROT_WRITE_PASS",
  ),
  ...run(
    0,
    "DID_OK DID_NO_CONNECT DID_BUS_BUSY DID_TIME_OUT DID_BAD_TARGET DID_ABORT DID_PARITY DID_ERROR DID_RESET DID_BAD_INTR DID_PASSTHROUGH DID_SOFT_ERROR DID_IMM_RETRY DID_REQUEUE DID_TRANSPORT_DISRUPTED DID_TRANSPORT_FAILFAST",
  ),
  ...pairs(
    "SAM_STAT_",
    "GOOD=0 CHECK_CONDITION=2 CONDITION_MET=4 BUSY=8 INTERMEDIATE=0x10 INTERMEDIATE_CONDITION_MET=0x14 RESERVATION_CONFLICT=0x18 COMMAND_TERMINATED=0x22 TASK_SET_FULL=0x28 ACA_ACTIVE=0x30 TASK_ABORTED=0x40",
  ),
  ...run(0x1055, "SCSI_MLQUEUE_HOST_BUSY SCSI_MLQUEUE_DEVICE_BUSY SCSI_MLQUEUE_EH_RETRY SCSI_MLQUEUE_TARGET_BUSY"),
  // include/linux/ata.h, include/linux/libata.h
  ...pairs("ATA_PROT_", "UNKNOWN=255 NODATA=0 PIO=1 DMA=2 NCQ_NODATA=4 NCQ=6"),
  ...pairs("ATAPI_PROT_", "NODATA=8 PIO=9 DMA=10"),
  ...run(
    0,
    "ATA_DEV_UNKNOWN ATA_DEV_ATA ATA_DEV_ATA_UNSUP ATA_DEV_ATAPI ATA_DEV_ATAPI_UNSUP ATA_DEV_PMP ATA_DEV_PMP_UNSUP ATA_DEV_SEMB ATA_DEV_SEMB_UNSUP ATA_DEV_ZAC ATA_DEV_ZAC_UNSUP ATA_DEV_NONE",
  ),
  ...run(0, "HSM_ST_IDLE HSM_ST_FIRST HSM_ST HSM_ST_LAST HSM_ST_ERR"),
  ...pairs(
    "ATA_CMD_",
    "DEV_RESET=0x08 CHK_POWER=0xe5 STANDBY=0xe2 IDLE=0xe3 EDD=0x90 DOWNLOAD_MICRO=0x92 DOWNLOAD_MICRO_DMA=0x93 NOP=0x00 FLUSH=0xe7 FLUSH_EXT=0xea ID_ATA=0xec ID_ATAPI=0xa1 SERVICE=0xa2 READ=0xc8 READ_EXT=0x25 READ_QUEUED=0x26 READ_STREAM_EXT=0x2b READ_STREAM_DMA_EXT=0x2a WRITE=0xca WRITE_EXT=0x35 WRITE_QUEUED=0x36 WRITE_STREAM_EXT=0x3b WRITE_STREAM_DMA_EXT=0x3a WRITE_FUA_EXT=0x3d WRITE_QUEUED_FUA_EXT=0x3e FPDMA_READ=0x60 FPDMA_WRITE=0x61 NCQ_NON_DATA=0x63 FPDMA_SEND=0x64 FPDMA_RECV=0x65 PIO_READ=0x20 PIO_READ_EXT=0x24 PIO_WRITE=0x30 PIO_WRITE_EXT=0x34 READ_MULTI=0xc4 READ_MULTI_EXT=0x29 WRITE_MULTI=0xc5 WRITE_MULTI_EXT=0x39 WRITE_MULTI_FUA_EXT=0xce SET_FEATURES=0xef SET_MULTI=0xc6 PACKET=0xa0 VERIFY=0x40 VERIFY_EXT=0x42 WRITE_UNCORR_EXT=0x45 STANDBYNOW1=0xe0 IDLEIMMEDIATE=0xe1 SLEEP=0xe6 INIT_DEV_PARAMS=0x91 READ_NATIVE_MAX=0xf8 READ_NATIVE_MAX_EXT=0x27 SET_MAX=0xf9 SET_MAX_EXT=0x37 READ_LOG_EXT=0x2f WRITE_LOG_EXT=0x3f READ_LOG_DMA_EXT=0x47 WRITE_LOG_DMA_EXT=0x57 TRUSTED_NONDATA=0x5b TRUSTED_RCV=0x5c TRUSTED_RCV_DMA=0x5d TRUSTED_SND=0x5e TRUSTED_SND_DMA=0x5f PMP_READ=0xe4 PMP_READ_DMA=0xe9 PMP_WRITE=0xe8 PMP_WRITE_DMA=0xeb CONF_OVERLAY=0xb1 SEC_SET_PASS=0xf1 SEC_UNLOCK=0xf2 SEC_ERASE_PREP=0xf3 SEC_ERASE_UNIT=0xf4 SEC_FREEZE_LOCK=0xf5 SEC_DISABLE_PASS=0xf6 CONFIG_STREAM=0x51 SMART=0xb0 MEDIA_LOCK=0xde MEDIA_UNLOCK=0xdf DSM=0x06 CHK_MED_CRD_TYP=0xd1 CFA_REQ_EXT_ERR=0x03 CFA_WRITE_NE=0x38 CFA_TRANS_SECT=0x87 CFA_ERASE=0xc0 CFA_WRITE_MULT_NE=0xcd REQ_SENSE_DATA=0x0b SANITIZE_DEVICE=0xb4 ZAC_MGMT_IN=0x4a ZAC_MGMT_OUT=0x9f RESTORE=0x10 READ_LONG=0x22 READ_LONG_ONCE=0x23 WRITE_LONG=0x32 WRITE_LONG_ONCE=0x33",
  ),
]);

/** enum bh_state_bits (include/linux/buffer_head.h); BH_Uptodate_Lock went in 5.6. */
const BUFFER_BITS =
  "BH_Uptodate BH_Dirty BH_Lock BH_Req BH_Mapped BH_New BH_Async_Read BH_Async_Write BH_Delay BH_Boundary BH_Write_EIO BH_Unwritten BH_Quiet BH_Meta BH_Prio BH_Defer_Completion BH_PrivateStart".split(
    " ",
  );

function bufferBit(name: string, release: Release): bigint | undefined {
  // fs/erofs: its own is the first private one.
  const bit = BUFFER_BITS.indexOf(name === "BH_Zipped" ? "BH_PrivateStart" : name);
  if (bit < 0) return undefined;
  return BigInt(bit >= 4 && !isSince(release, "5.6.0") ? bit + 1 : bit);
}

/** The value of an enum constant; undefined when it is not known. */
export function enumValue(name: string, release: Release): bigint | undefined {
  if (name.startsWith("BH_")) return bufferBit(name, release);
  const v = VALUES.get(name) ?? driverEnumValue(name, release);
  return v === undefined ? undefined : BigInt(v);
}
