/** Named bounds on what rbtool believes of an image. Each says why it is not smaller. */

/** Sub-buffer sizes are PAGE_SIZE of some architecture: 4K (most) to 256K (hexagon). */
export const MIN_SUBBUF_SIZE = 4096;
export const MAX_SUBBUF_SIZE = 256 * 1024;

/** The kernel refuses to allocate fewer (alloc_buffer: "at least two pages plus the reader page"). */
export const MIN_NR_SUBBUFS = 3;

/** NR_CPUS of the largest configurations is 8192. */
export const MAX_CPUS = 8192;

/** What a sub-buffer costs of memory while an image is read, whatever its size: 340 bytes were measured. */
export const BYTES_KNOWN_OF_SUBBUF = 480;

/** Damage of one kind in one sub-buffer is reported this often, then counted: an image of noise stays readable. */
export const MAX_DIAGNOSTICS_PER_CODE = 64;

/** A compressed or piped input is kept in memory up to here, then in a temporary file. */
export const MAX_INPUT_IN_MEMORY = 64 * 1024 * 1024;

/**
 * How far back a packed input may refer: the memory that it takes to unpack. xz -9 makes half of it, and zstd -d wants to be
 * told for more.
 */
export const MAX_DICTIONARY = 128 * 1024 * 1024;

/** Wrappers around a kernel (bzImage in an EFI stub in gzip...) that are undone one after another. */
export const MAX_KERNEL_LAYERS = 6;

/** Places in a boot image that look like the beginning of a packed kernel and are tried. */
export const MAX_PACKED_TRIES = 16;

/** Symbols in a kernel's own table; with CONFIG_KALLSYMS_ALL real ones have some 210,000. */
export const MAX_KERNEL_SYMBOLS = 4_000_000;

/** Event descriptions in a kernel or module; a full kernel has 1,700 and all of its modules 3,500. */
export const MAX_KERNEL_EVENTS = 32_768;

/** Names of enums and sizes for print formats; real kernels have 800. */
export const MAX_EVAL_MAPS = 65_536;

/** A text in a kernel that is followed by its address: print formats reach 20 KB. */
export const MAX_KERNEL_TEXT = 64 * 1024;

/** Section headers of an ELF file; a kernel built with a section a function has 65,000 and more, modules some hundreds. */
export const MAX_ELF_SECTIONS = 262_144;

/** A name in an ELF file; the kernel's symbols stay below 512 characters. */
export const MAX_ELF_NAME = 4096;

/** All text that is read of a kernel or a module, symbols apart; a full kernel has 4 MB, and some of it is read twice. */
export const MAX_KERNEL_TEXTS = 256 * 1024 * 1024;

/** A kernel's symbols as lines of kallsyms; real ones have 10 MB. */
export const MAX_KALLSYMS = 128 * 1024 * 1024;

/** Any other file that a running kernel shows, but for its BTF; printk_formats has 200 KB, a format file less than 64. */
export const MAX_COLLECTED = 16 * 1024 * 1024;

/** Files of an archive or a directory that are looked at: a kernel's tree of headers has 30,000. */
export const MAX_ARCHIVE_FILES = 100_000;

/** Pages of a memory dump: 64 TiB of 4K pages. The bitmap that names them must lie in the file all the same. */
export const MAX_DUMP_PAGES = 2 ** 34;

/** Blocks of a kdump file and of its compressed pages: PAGE_SIZE of some architecture. */
export const MAX_DUMP_BLOCK = 64 * 1024;

/** Ranges of physical memory in a dump: a machine has tens, a fragmented one (AVML without blocks of zeros) thousands. */
export const MAX_MEMORY_RANGES = 1_000_000;

/** Records of a flattened dump; makedumpfile writes one for some 9 KB of output. */
export const MAX_FLATTENED_RECORDS = 2 ** 22;

/** Pieces of memory in a QEMU stream: pages that follow each other, or zeros. 512 MiB of a machine at work had 1,500; so many take 1 GB. */
export const MAX_SAVED_RUNS = 2 ** 21;

/** Capabilities that a QEMU stream was written with: QEMU 10 knows 24, and tells a few of them. */
export const MAX_CAPABILITIES = 256;

/** Blocks of memory in a QEMU stream: a machine has tens, with those of its devices. */
export const MAX_RAM_BLOCKS = 4096;

/** The text that a kernel leaves for crash tools (vmcoreinfo) is a page or two. */
export const MAX_VMCOREINFO = 1024 * 1024;

/** Memory for pages of a dump that were decompressed, or blocks of it. */
export const DUMP_CACHE_BYTES = 32 * 1024 * 1024;

/** Files beside a part of a split dump that are looked at for the other parts. */
export const MAX_FILES_BESIDE = 4096;

/** Pages of a dump that look as if an area began there and are looked at more closely; a machine has a few areas. */
export const MAX_SIGHTINGS = 100_000;

/** Look-alikes that are compared with every layout, which takes long; behind them only sound ones are found. */
export const MAX_THOROUGH_LOOKS = 256;
