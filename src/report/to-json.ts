/** A value as JSON has it: what is missing is `null`. */
export type Json<T> = T extends undefined
  ? null
  : T extends readonly unknown[] | object
    ? { [K in keyof T]: Json<T[K]> }
    : T;

/** The core's plain objects with `null` for each member that is undefined; a member that is left out stays out. */
export function toJson<T>(value: T): Json<T>;
export function toJson(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => toJson(one));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJson(member)]));
}
