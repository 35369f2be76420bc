/** Why the system refused something, in words of a person: Node's name the call and the path a second time. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "is a directory",
  ENOTDIR: "a part of its path is no directory",
  EACCES: "permission denied",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "larger than a file may be there",
  EIO: "the device reports an error (EIO)",
  ELOOP: "its symbolic links lead in a circle",
  ENAMETOOLONG: "the name is too long",
  EMFILE: "too many open files",
};

/** What Node makes of bytes that are not UTF-8 in a command line: the file's own name is lost. */
const NOT_UTF8 = "\ufffd";

/** The reason in an error of the system; of any other, its message. */
export function reasonOf(error: unknown): string {
  const { code, message, path } = error as {
    readonly code?: string;
    readonly message?: string;
    readonly path?: string;
  };
  if (code === "ENOENT" && path?.includes(NOT_UTF8))
    return "no such file; a name whose bytes are not UTF-8 cannot be given: rename the file, or pipe it in";
  // Only an image may be `-`.
  if (code === "ENOENT" && path === "-") return "no such file; to take this one from standard input, name /dev/stdin";
  return (code === undefined ? undefined : REASONS[code]) ?? message ?? String(error);
}
