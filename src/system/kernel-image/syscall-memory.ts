/**
 * User memory that the kernel records with some system calls since 6.19 (check_faultable_syscall() and the table before
 * it, kernel/trace/trace_syscalls.c): which arguments, as bits, and for bytes the argument that says how many.
 */
export interface RecordedMemory {
  readonly args: number;
  /** The argument with the size; undefined for text. */
  readonly size?: number;
}

const RULES: readonly (readonly [args: number, names: string])[] = [
  [
    1,
    `access acct chdir chown chmod chroot creat delete_module execve fsopen lchown open memfd_create mkdir mknod mq_open
    mq_unlink readlink rmdir shmdt statfs swapon swapoff truncate unlink umount utime utimes setdomainname sethostname`,
  ],
  [
    2,
    `execveat faccessat faccessat2 finit_module fchmodat fchmodat2 fchownat fgetxattr flistxattr fsetxattr fspick
    fremovexattr futimesat inotify_add_watch mkdirat mknodat mount_setattr name_to_handle_at newfstatat openat openat2
    open_tree open_tree_attr readlinkat quotactl syslog statx unlinkat utimensat`,
  ],
  [4, "init_module fsconfig"],
  [16, "fanotify_mark kexec_file_load"],
  [5, "symlinkat"],
  [7, "mount"],
  [
    3,
    `add_key getxattr lgetxattr lremovexattr link listxattr llistxattr lsetxattr pivot_root removexattr rename
    request_key setxattr symlink`,
  ],
  [10, "getxattrat linkat listxattrat move_mount renameat renameat2 removexattrat setxattrat"],
];

const BY_NAME = new Map<string, RecordedMemory>();
for (const [args, names] of RULES) for (const name of names.split(/\s+/)) BY_NAME.set(name, { args });
for (const name of ["write", "pwrite64", "mq_timedsend"]) BY_NAME.set(name, { args: 2, size: 2 });

/** Older variants, which on 32-bit machines have the number that the plain name stands for. */
const VARIANTS = ["16", "_time32", "32"];

/**
 * What is recorded with a system call. The kernel decides by number: where an older variant has the plain name's, the
 * rule is the variant's.
 * @param name without sys_
 * @param mapped the names (without sys_) that have a number
 */
export function recordedMemory(name: string, mapped: ReadonlySet<string>): RecordedMemory | undefined {
  if (VARIANTS.some((variant) => mapped.has(name + variant))) return undefined;
  const variant = VARIANTS.find((ending) => name.endsWith(ending));
  return BY_NAME.get(name) ?? (variant === undefined ? undefined : BY_NAME.get(name.slice(0, -variant.length)));
}
