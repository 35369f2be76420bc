/** A kernel's version, x.y.z, as numbers that compare. z is Infinity for the newest release of a series. */
export type Release = readonly [major: number, minor: number, patch: number];

/** A release of three numbers, as tables write it. */
export type ExactRelease = `${number}.${number}.${number}`;

const NUMBERS = /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,5}))?/;

/**
 * Reads a version, or a whole `uname -r` such as 6.18.15+deb13-cloud-amd64. Two numbers, as in 6.18, mean the newest
 * release of that series. Undefined where the text does not begin with a version.
 */
export function parseRelease(text: string): Release | undefined {
  const match = NUMBERS.exec(text.trim());
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? Infinity)] : undefined;
}

/** Whether a `uname -r` is that of a PREEMPT_RT kernel, by its name: 6.12.117+deb13-rt-amd64, 6.12.8-rt4. */
export function isRealtime(release: string): boolean {
  return /[-+]rt(?:\d|\b)/.test(release);
}

/** Below 0 where `a` is older than `b`. */
export function compareReleases(a: Release, b: Release): number {
  // The patches may both be infinite.
  return a[0] - b[0] || a[1] - b[1] || (a[2] === b[2] ? 0 : a[2] - b[2]);
}

/** Whether a release is `first` or newer. */
export function isSince(release: Release, first: ExactRelease): boolean {
  return compareReleases(release, parseRelease(first)!) >= 0;
}

/** `6.18` of 6.18.15. */
export function seriesOf([major, minor]: Release): string {
  return `${major}.${minor}`;
}

/** The first release of a series by its series alone, as people say it: 6.16 for 6.16.0. */
export function sinceText(first: ExactRelease): string {
  return first.replace(/\.0$/, "");
}
