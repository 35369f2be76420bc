/** What the kernel says where it goes because it was told to (kernel/reboot.c, kernel/kexec_core.c, drivers/tty/sysrq.c 6.12 to 7.3). */
const SAID =
  /console: ((?:reboot: (?:Restarting system|System halted|Power down)|kexec_core: Starting new kernel|sysrq: (?:Resetting|Power Off)).*)/;

/** LINUX_REBOOT_CMD_* (include/uapi/linux/reboot.h), of those that end this kernel. */
const ASKED: Readonly<Record<string, string>> = {
  "1234567": "a restart",
  a1b2c3d4: "a restart",
  cdef0123: "a halt",
  "4321fedc": "the power to be turned off",
  "45584543": "another kernel (kexec)",
  d000fce2: "hibernation",
};
/** The third argument, an int, with or without its name. */
const REBOOT = /^reboot\([^,]*, [^,]*, (?:cmd: )?0x(?:f{8})?([0-9a-f]+)\b/;

/** That somebody wanted it: the kernel's own words, else the system call that asks for it. */
export function shutdown(messages: readonly string[], calls: readonly OpenCall[]): string[] {
  const said = messages.map((text) => SAID.exec(text)?.[1]).findLast((words) => words !== undefined);
  if (said !== undefined) return [`shut down on request: ${said}`];
  for (const { task, text } of calls) {
    const asked = ASKED[REBOOT.exec(text)?.[1] ?? ""];
    if (asked !== undefined) return [`${task} had asked for ${asked}`];
  }
  return [];
}

/** A system call that has not returned. */
export interface OpenCall {
  readonly task: string;
  /** `reboot(magic1: 0xfee1dead, ...)` */
  readonly text: string;
}
