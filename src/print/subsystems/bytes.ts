/** Numbers of a device's own byte order, as they lie in its commands. */

/** Big-endian. */
export function be(u: Uint8Array, at: number, size: number): bigint {
  let v = 0n;
  for (let i = 0; i < size; i++) v = (v << 8n) | BigInt(u[at + i]!);
  return v;
}

/** Little-endian. */
export function le(u: Uint8Array, at: number, size: number): bigint {
  let v = 0n;
  for (let i = size - 1; i >= 0; i--) v = (v << 8n) | BigInt(u[at + i]!);
  return v;
}
