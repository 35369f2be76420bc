/** Parses /proc/modules: name and text address of each module. Addresses are 0 for who may not see them. */
export function parseModules(text: string): { name: string; size: number; address: bigint }[] {
  const out: { name: string; size: number; address: bigint }[] = [];
  for (const line of text.split("\n")) {
    const m = /^(\S+) (\d+) .* (0x[0-9a-fA-F]{1,16})(?:\s.*)?$/.exec(line);
    if (m !== null) out.push({ name: m[1]!, size: Number(m[2]), address: BigInt(m[3]!) });
  }
  return out;
}
