/** Named bounds on what rbtool believes of an image. Each says why it is not smaller. */

/** Sub-buffer sizes are PAGE_SIZE of some architecture: 4K (most) to 256K (hexagon). */
export const MIN_SUBBUF_SIZE = 4096;
export const MAX_SUBBUF_SIZE = 256 * 1024;

/** The kernel refuses to allocate fewer (alloc_buffer: "at least two pages plus the reader page"). */
export const MIN_NR_SUBBUFS = 3;

/** NR_CPUS of the largest configurations is 8192. */
export const MAX_CPUS = 8192;

/** Damage of one kind in one sub-buffer is reported this often, then counted: an image of noise stays readable. */
export const MAX_DIAGNOSTICS_PER_CODE = 64;

/** A compressed or piped input is kept in memory up to here, then in a temporary file. */
export const MAX_INPUT_IN_MEMORY = 64 * 1024 * 1024;

/** What a compressed input may expand to: the largest machine memory is smaller; a decompression bomb is not. */
export const MAX_INPUT_SIZE = 2 ** 40;
