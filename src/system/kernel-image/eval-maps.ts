import { MAX_EVAL_MAPS } from "../../ground/limits.js";
import type { KernelMemory } from "./memory.js";
import type { EventLayout } from "./structs.js";

/** Names of enums and sizes, and their values (struct trace_eval_map), by the text that their first identifier is. */
export type EvalMaps = ReadonlyMap<string, readonly EvalMap[]>;

interface EvalMap {
  readonly name: string;
  readonly value: string;
}

/** By the place of the system's name: each source file has its own copy, and a map applies to its own file's events. */
export type EvalMapsBySystem = ReadonlyMap<number, EvalMaps>;

/** @param end -1: as far as pointers to maps reach */
export function readEvalMaps(
  memory: KernelMemory,
  { evalMap: at }: Pick<EventLayout, "evalMap">,
  start: number,
  end: number,
): EvalMapsBySystem {
  const w = memory.word;
  const out = new Map<number, Map<string, EvalMap[]>>();
  let left = MAX_EVAL_MAPS;
  for (let p = start; (end < 0 ? memory.has(p, w) : p + w <= end) && left > 0; p += w, left--) {
    const map = memory.pointer(p);
    const system = map < 0 ? -1 : memory.pointer(map + at.system);
    const name = map < 0 ? undefined : memory.text(memory.pointer(map + at.name));
    if (system < 0 || name === undefined || name === "") {
      if (end < 0) break;
      continue;
    }
    let ofSystem = out.get(system);
    if (ofSystem === undefined) {
      ofSystem = new Map();
      out.set(system, ofSystem);
    }
    const key = /^[A-Za-z_]\w*/.exec(name)?.[0];
    // A name that no identifier begins is never met (it may be a plain number).
    if (key === undefined) continue;
    const value = memory.long(map + at.value);
    const entry = { name, value: (w === 8 ? BigInt.asIntN(64, value) : BigInt.asIntN(32, value)).toString() };
    const list = ofSystem.get(key);
    if (list === undefined) ofSystem.set(key, [entry]);
    else list.push(entry);
  }
  return out;
}

/**
 * Names replaced by values, as update_event_printk() does it (kernel/trace/trace_events.c): outside of strings, only
 * where an identifier begins, and the character behind what was skipped or replaced is stepped over unseen.
 */
export function replaceInPrintFmt(text: string, maps: EvalMaps): string {
  if (maps.size === 0) return text;
  let out = "";
  let copied = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 0x5c) {
      at++;
      continue;
    }
    if (c === 0x22) {
      quoted = !quoted;
      continue;
    }
    if (quoted) continue;
    if (isDigit(c)) {
      do at++;
      while (isAlnum(text.charCodeAt(at)));
      continue;
    }
    if (!isAlpha(c)) continue;
    const map = matchAt(text, at, maps);
    if (map !== undefined) {
      out += text.slice(copied, at) + map.value;
      at += map.name.length;
      copied = at;
      continue;
    }
    at = behindIdentifier(text, at);
  }
  return out + text.slice(copied);
}

function matchAt(text: string, at: number, maps: EvalMaps): EvalMap | undefined {
  let end = at;
  while (isWord(text.charCodeAt(end))) end++;
  return maps
    .get(text.slice(at, end))
    ?.find(({ name }) => text.startsWith(name, at) && !isWord(text.charCodeAt(at + name.length)));
}

/** Where an identifier ends, with the members that follow it. */
function behindIdentifier(text: string, start: number): number {
  let at = start;
  for (;;) {
    do at++;
    while (isWord(text.charCodeAt(at)));
    if (text[at] === ".") at++;
    else if (text.startsWith("->", at)) at += 2;
    else return at;
  }
}

/** The size of an array in a field's type: the name right behind the first `[` (update_event_fields()). */
export function replaceInType(type: string, maps: EvalMaps): string {
  const at = type.indexOf("[") + 1;
  const key = at === 0 ? undefined : /^[A-Za-z_]\w*/.exec(type.slice(at))?.[0];
  if (key === undefined) return type;
  const map = maps.get(key)?.find(({ name }) => type.startsWith(name, at));
  return map === undefined ? type : type.slice(0, at) + map.value + type.slice(at + map.name.length);
}

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}

function isAlpha(c: number): boolean {
  return (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || c === 0x5f;
}

function isAlnum(c: number): boolean {
  return isDigit(c) || (isAlpha(c) && c !== 0x5f);
}

function isWord(c: number): boolean {
  return isAlpha(c) || isDigit(c);
}
