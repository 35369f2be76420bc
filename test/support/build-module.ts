/**
 * A module of one event, in code: a relocatable ELF file of x86_64, as mutations start from. Its read-only data is a text
 * and a table of functions.
 * @param size bytes of its event's field
 */
export function buildModule(name: string, event: string, size = 8): Uint8Array {
  const out = Buffer.alloc(4096);
  let end = 64;
  const reserve = (size: number): number => {
    const at = Math.ceil(end / 8) * 8;
    end = at + size;
    return at;
  };
  const text = (value: string): number => {
    const at = reserve(value.length + 1);
    out.write(`${value}\0`, at, "latin1");
    return at;
  };
  // One section of data, from the beginning of the file on, so that a place is an offset in it.
  const relocations: { at: number; to: number }[] = [];
  const pointer = (at: number, to: number): void => {
    relocations.push({ at, to });
  };
  const fields = reserve(80);
  pointer(fields, text("u64"));
  pointer(fields + 8, text("value"));
  out.writeUInt32LE(size, fields + 16);
  out.writeUInt32LE(8, fields + 20);
  const klass = reserve(80);
  pointer(klass, text("testing"));
  pointer(klass + 32, fields);
  const tracepoint = reserve(8);
  pointer(tracepoint, text(event));
  const call = reserve(96);
  pointer(call + 16, klass);
  pointer(call + 24, tracepoint);
  pointer(call + 64, text('"value=%llu", REC->value'));
  out.writeUInt32LE(8, call + 88);
  const data = end;
  const table = reserve(8);
  const info = text(`name=${name}`);
  out.write("depends=one-other,another\0vermagic=7.9.1-test SMP \0", info + name.length + 6, "latin1");
  end = info + name.length + 6 + 64;
  const code = reserve(16);
  const constants = text("__func__ of it");
  const ops = reserve(16);
  const constantsEnd = end;
  const rela = reserve((relocations.length + 2) * 24);
  const put = (i: number, at: number, to: number): void => {
    out.writeBigUInt64LE(BigInt(at), rela + i * 24);
    out.writeUInt32LE(1, rela + i * 24 + 8);
    out.writeUInt32LE(1, rela + i * 24 + 12);
    out.writeBigUInt64LE(BigInt(to), rela + i * 24 + 16);
  };
  relocations.forEach(({ at, to }, i) => {
    put(i, at, to);
  });
  put(relocations.length, 0, call);
  // The second word of the table leads to the function.
  const relaOfOps = rela + (relocations.length + 1) * 24;
  put(relocations.length + 1, ops + 8 - constants, 0);
  out.writeUInt32LE(2, relaOfOps + 12);
  const symbols = reserve(96);
  out.writeUInt16LE(1, symbols + 24 + 6);
  const strings = text("\0a_function\0its_ops");
  out.writeUInt32LE(1, symbols + 48);
  out[symbols + 48 + 4] = 2;
  out.writeUInt16LE(3, symbols + 48 + 6);
  out.writeUInt32LE(12, symbols + 72);
  out[symbols + 72 + 4] = 1;
  out.writeUInt16LE(10, symbols + 72 + 6);
  out.writeBigUInt64LE(BigInt(ops - constants), symbols + 72 + 8);
  out.writeBigUInt64LE(16n, symbols + 72 + 16);
  const names =
    "\0.data\0_ftrace_events\0.text\0.rela.data\0.rela_ftrace_events\0.symtab\0.strtab\0.modinfo\0.shstrtab\0.rodata\0.rela.rodata\0";
  const namesAt = text(names);
  const headers = reserve(64 * 12);
  const section = (
    i: number,
    name: string,
    fields: Partial<Record<"type" | "flags" | "at" | "size" | "link" | "info", number>>,
  ) => {
    const at = headers + i * 64;
    out.writeUInt32LE(names.indexOf(`\0${name}\0`) + 1, at);
    out.writeUInt32LE(fields.type ?? 1, at + 4);
    out.writeBigUInt64LE(BigInt(fields.flags ?? 0), at + 8);
    out.writeBigUInt64LE(BigInt(fields.at ?? 0), at + 24);
    out.writeBigUInt64LE(BigInt(fields.size ?? 0), at + 32);
    out.writeUInt32LE(fields.link ?? 0, at + 40);
    out.writeUInt32LE(fields.info ?? 0, at + 44);
    out.writeBigUInt64LE(8n, at + 48);
  };
  section(1, ".data", { flags: 3, at: 0, size: data });
  section(2, "_ftrace_events", { flags: 3, at: table, size: 8 });
  section(3, ".text", { flags: 6, at: code, size: 16 });
  section(4, ".rela.data", { type: 4, at: rela, size: relocations.length * 24, link: 6, info: 1 });
  section(5, ".rela_ftrace_events", { type: 4, at: rela + relocations.length * 24, size: 24, link: 6, info: 2 });
  section(6, ".symtab", { type: 2, at: symbols, size: 96, link: 7 });
  section(7, ".strtab", { type: 3, at: strings, size: 24 });
  section(8, ".modinfo", { at: info, size: name.length + 6 + 64 });
  section(9, ".shstrtab", { type: 3, at: namesAt, size: names.length });
  section(10, ".rodata", { flags: 2, at: constants, size: constantsEnd - constants });
  section(11, ".rela.rodata", { type: 4, at: relaOfOps, size: 24, link: 6, info: 10 });
  out.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  out.writeUInt16LE(1, 16);
  out.writeUInt16LE(62, 18);
  out.writeBigUInt64LE(BigInt(headers), 40);
  out.writeUInt16LE(64, 58);
  out.writeUInt16LE(12, 60);
  out.writeUInt16LE(9, 62);
  return new Uint8Array(out.subarray(0, end));
}
