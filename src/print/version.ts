/** A kernel version as one number that compares: 6.12.107 is 6012107. Unknown is newer than all. */
export type KernelVersion = number;

/** 6.18 is version(6, 18). */
export function version(major: number, minor: number, patch = 0): KernelVersion {
  return major * 1_000_000 + minor * 1_000 + Math.min(patch, 999);
}

/** Reads "7.3.4+deb13-cloud-amd64". */
export function parseRelease(release: string | undefined): KernelVersion {
  const m = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(release ?? "");
  if (m === null) return Number.MAX_SAFE_INTEGER;
  return version(Number(m[1]), Number(m[2]), Number(m[3] ?? 0));
}
