import { type Calls, words } from "../call.js";

/** __HYPERVISOR_* of include/xen/interface/xen.h, by number. */
const HYPERCALLS =
  "set_trap_table mmu_update set_gdt stack_switch set_callbacks fpu_taskswitch sched_op_compat platform_op set_debugreg get_debugreg update_descriptor  memory_op multicall update_va_mapping set_timer_op event_channel_op_compat xen_version console_io physdev_op_compat grant_table_op vm_assist update_va_mapping_otherdomain iret vcpu_op set_segment_base mmuext_op xsm_op nmi_op sched_op callback_op xenoprof_op event_channel_op physdev_op hvm_op sysctl domctl kexec_op tmem_op xc_reserved_op xenpmu_op dm_op       arch_0 arch_1 arch_2 arch_3 arch_4 arch_5 arch_6 arch_7".split(
    " ",
  );

/** arch/x86/xen/trace.c xen_hypercall_name(). */
function xenHypercallName(op: number): string {
  const name = HYPERCALLS[op];
  return name ? `(${name})` : "";
}

export const XEN_CALLS: Calls = { xen_hypercall_name: words(xenHypercallName, 1) };
