/** First bytes of dumps: kdump (two signatures), makedumpfile's flattened form, ELF, LiME, AVML, QEMU, libvirt. */
const MAGICS = ["KDUMP   ", "DISKDUMP", "makedumpfile", "\x7fELF", "EMiL", "AVML", "QEVM", "LibvirtQemud"];

/** Whether an input may be a machine's memory in a format of its own: told without the code that reads any. */
export function beginsLikeDump(start: Uint8Array): boolean {
  const text = Buffer.from(start.buffer, start.byteOffset, Math.min(start.length, 16)).toString("latin1");
  return MAGICS.some((magic) => text.startsWith(magic));
}
