import type { PrintedRecord } from "./record.js";
import { hexBytes, OVERFLOW } from "./runtime.js";

/**
 * The %p extensions that read memory, for memory inside the record (lib/vsprintf.c pointer(), 6.12 to 7.3).
 * Each returns the text before the field width is applied.
 */

/** %pM %pm %pMF %pMR and their upper-case forms: mac_address_string(). */
export function mac(r: PrintedRecord, at: number, ext: string): string {
  return r.has(at, 6) ? macText(r.u.subarray(at, at + 6), ext) : OVERFLOW;
}

/** The text of the six bytes of a hardware address. */
export function macText(address: Uint8Array, ext: string): string {
  const reversed = ext[1] === "R";
  const separator = ext[0] === "m" ? "" : ext[1] === "F" ? "-" : ":";
  const bytes = Array.from(address);
  if (reversed) bytes.reverse();
  const text = bytes.map((b) => b.toString(16).padStart(2, "0")).join(separator);
  return ext[1] === "U" || ext[2] === "U" ? text.toUpperCase() : text;
}

function ip4Text(u: Uint8Array, at: number, ext: string, le: boolean): string {
  const order = ext[2] === "l" || (ext[2] === "h" && le) ? [3, 2, 1, 0] : [0, 1, 2, 3];
  const zeros = ext[0] === "i" ? 3 : 0;
  return order.map((i) => String(u[at + i]!).padStart(zeros, "0")).join(".");
}

function ip6Text(u: Uint8Array, at: number, colons: boolean): string {
  let out = "";
  for (let i = 0; i < 16; i++) {
    if (colons && i > 0 && i % 2 === 0) out += ":";
    out += u[at + i]!.toString(16).padStart(2, "0");
  }
  return out;
}

/** RFC 5952 (ip6_compressed_string()). */
function ip6Compressed(u: Uint8Array, at: number): string {
  const words = Array.from({ length: 8 }, (_, i) => (u[at + 2 * i]! << 8) | u[at + 2 * i + 1]!);
  const mapped = words.slice(0, 5).every((w) => w === 0) && words[5] === 0xffff;
  const isatap = ((words[4]! | 0x0200) & 0xffff) === 0x0200 && words[5] === 0x5efe;
  const v4 = mapped || isatap;
  const range = v4 ? 6 : 8;
  let longest = 1;
  let where = -1;
  for (let i = 0; i < range; i++) {
    let run = 0;
    while (i + run < range && words[i + run] === 0) run++;
    if (run > longest) {
      longest = run;
      where = i;
    }
  }
  let out = "";
  let colon = false;
  for (let i = 0; i < range; i++) {
    if (i === where) {
      if (colon || i === 0) out += ":";
      out += ":";
      colon = false;
      i += longest - 1;
      continue;
    }
    if (colon) out += ":";
    out += words[i]!.toString(16);
    colon = true;
  }
  if (v4) out += (colon ? ":" : "") + ip4Text(u, at + 12, "I4", true);
  return out;
}

/** %pI4 %pi4 %pI6 %pi6 %pI6c %pIS and their modifiers: ip_addr_string(). */
export function ip(r: PrintedRecord, at: number, ext: string): string {
  const { u, littleEndian } = r;
  switch (ext[1]) {
    case "4":
      return r.has(at, 4) ? ip4Text(u, at, ext, littleEndian) : OVERFLOW;
    case "6":
      if (!r.has(at, 16)) return OVERFLOW;
      return ext[0] === "I" && ext[2] === "c" ? ip6Compressed(u, at) : ip6Text(u, at, ext[0] === "I");
    case "S":
      return sockaddr(r, at, ext);
  }
  return ext[0] === "i" ? "(%pi?)" : "(%pI?)";
}

function sockaddr(r: PrintedRecord, at: number, ext: string): string {
  if (!r.has(at, 2)) return OVERFLOW;
  const { u, d, littleEndian: le } = r;
  const family = d.getUint16(at, le);
  const flags = /^[A-Za-z]*/.exec(ext.slice(2))![0];
  const port = () => String((u[at + 2]! << 8) | u[at + 3]!);
  if (family === 2) {
    if (!r.has(at, 8)) return OVERFLOW;
    const order = /[hlnb](?!.*[hlnb])/.exec(flags)?.[0] ?? "";
    return ip4Text(u, at + 4, `${ext[0]}4${order}`, le) + (flags.includes("p") ? `:${port()}` : "");
  }
  if (family === 10) {
    if (!r.has(at, 28)) return OVERFLOW;
    const decorated = /[psf]/.test(flags);
    const address =
      ext[0] === "I" && flags.includes("c") ? ip6Compressed(u, at + 8) : ip6Text(u, at + 8, ext[0] === "I");
    let out = decorated ? `[${address}]` : address;
    if (flags.includes("p")) out += `:${port()}`;
    if (flags.includes("f")) out += `/${((u[at + 5]! & 0x0f) << 16) | (u[at + 6]! << 8) | u[at + 7]!}`;
    if (flags.includes("s")) out += `%${d.getUint32(at + 24, le)}`;
    return out;
  }
  return "(einval)";
}

const UUID_LE = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/** %pU %pUb %pUB %pUl %pUL: uuid_string(). */
export function uuid(r: PrintedRecord, at: number, ext: string): string {
  if (!r.has(at, 16)) return OVERFLOW;
  const little = ext[1] === "l" || ext[1] === "L";
  let out = "";
  for (let i = 0; i < 16; i++) {
    out += r.u[at + (little ? UUID_LE[i]! : i)]!.toString(16).padStart(2, "0");
    if (i === 3 || i === 5 || i === 7 || i === 9) out += "-";
  }
  return ext[1] === "B" || ext[1] === "L" ? out.toUpperCase() : out;
}

/** %*ph[CDN]: hex_string(); at most 64 bytes. */
export function hexString(r: PrintedRecord, at: number, ext: string, width: number): string {
  if (width === 0) return "";
  const separator = ext[1] === "C" ? ":" : ext[1] === "D" ? "-" : ext[1] === "N" ? "" : " ";
  return hexBytes(r, at, width > 0 ? Math.min(width, 64) : 1, separator);
}

/** Error names of %pe (lib/errname.c), the common ones; others print as numbers. */
const ERRORS: Readonly<Record<number, string>> = {
  1: "EPERM",
  2: "ENOENT",
  3: "ESRCH",
  4: "EINTR",
  5: "EIO",
  6: "ENXIO",
  7: "E2BIG",
  8: "ENOEXEC",
  9: "EBADF",
  10: "ECHILD",
  11: "EAGAIN",
  12: "ENOMEM",
  13: "EACCES",
  14: "EFAULT",
  15: "ENOTBLK",
  16: "EBUSY",
  17: "EEXIST",
  18: "EXDEV",
  19: "ENODEV",
  20: "ENOTDIR",
  21: "EISDIR",
  22: "EINVAL",
  23: "ENFILE",
  24: "EMFILE",
  25: "ENOTTY",
  26: "ETXTBSY",
  27: "EFBIG",
  28: "ENOSPC",
  29: "ESPIPE",
  30: "EROFS",
  31: "EMLINK",
  32: "EPIPE",
  33: "EDOM",
  34: "ERANGE",
  35: "EDEADLK",
  36: "ENAMETOOLONG",
  37: "ENOLCK",
  38: "ENOSYS",
  39: "ENOTEMPTY",
  40: "ELOOP",
  61: "ENODATA",
  62: "ETIME",
  71: "EPROTO",
  74: "EBADMSG",
  75: "EOVERFLOW",
  84: "EILSEQ",
  90: "EMSGSIZE",
  95: "EOPNOTSUPP",
  98: "EADDRINUSE",
  99: "EADDRNOTAVAIL",
  100: "ENETDOWN",
  101: "ENETUNREACH",
  103: "ECONNABORTED",
  104: "ECONNRESET",
  105: "ENOBUFS",
  107: "ENOTCONN",
  110: "ETIMEDOUT",
  111: "ECONNREFUSED",
  113: "EHOSTUNREACH",
  114: "EALREADY",
  115: "EINPROGRESS",
  116: "ESTALE",
  125: "ECANCELED",
  512: "ERESTARTSYS",
  513: "ERESTARTNOINTR",
  514: "ERESTARTNOHAND",
  515: "ENOIOCTLCMD",
  516: "ERESTART_RESTARTBLOCK",
  517: "EPROBE_DEFER",
  524: "ENOTSUPP",
};

/** %pe of an error pointer: "-ENOENT"; undefined when it has no name. */
export function errorName(error: number): string | undefined {
  const name = ERRORS[error];
  return name === undefined ? undefined : `-${name}`;
}
