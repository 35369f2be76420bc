/**
 * A glob as the kernel's event filters have it (glob_match(), lib/glob.c): `*`, `?`, `[a-z]`, `[!a-z]`, backslash.
 * Matches the whole string. Written as a loop that goes back to the last `*` only, so that no pattern is slow.
 */
export function globMatcher(pattern: string): (text: string) => boolean {
  if (!/[*?[\\]/.test(pattern)) return (text) => text === pattern;
  const inner = pattern.slice(1, -1);
  if (pattern.length > 1 && pattern.startsWith("*") && pattern.endsWith("*") && !/[*?[\\]/.test(inner))
    return (text) => text.includes(inner);
  return (text) => globMatch(pattern, text);
}

function globMatch(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let backPattern = -1;
  let backText = 0;
  for (;;) {
    if (p < pattern.length && pattern[p] === "*") {
      backPattern = ++p;
      backText = t;
      continue;
    }
    if (t >= text.length) return p >= pattern.length;
    const next = p < pattern.length ? one(pattern, p, text.charCodeAt(t)) : -1;
    if (next >= 0) {
      p = next;
      t++;
      continue;
    }
    if (backPattern < 0) return false;
    p = backPattern;
    t = ++backText;
  }
}

/** Matches one character at `p`: the position behind what matched it, or -1. */
function one(pattern: string, p: number, code: number): number {
  const c = pattern[p];
  if (c === "?") return p + 1;
  if (c === "[") {
    const end = classEnd(pattern, p);
    if (end > 0) return inClass(pattern, p, end, code) ? end + 1 : -1;
  }
  const literal = c === "\\" && p + 1 < pattern.length ? p + 1 : p;
  return pattern.charCodeAt(literal) === code ? literal + 1 : -1;
}

/** Where a class that begins at `p` ends, or -1: then the bracket is a character. A `]` that comes first belongs to it. */
function classEnd(pattern: string, p: number): number {
  const first = pattern[p + 1] === "!" ? p + 2 : p + 1;
  return pattern.indexOf("]", first + 1);
}

function inClass(pattern: string, p: number, end: number, code: number): boolean {
  const negated = pattern[p + 1] === "!";
  let found = false;
  for (let i = negated ? p + 2 : p + 1; i < end; ) {
    const from = pattern.charCodeAt(i);
    const isRange = pattern[i + 1] === "-" && i + 2 < end;
    const to = isRange ? pattern.charCodeAt(i + 2) : from;
    if (code >= from && code <= to) found = true;
    i += isRange ? 3 : 1;
  }
  return found !== negated;
}
