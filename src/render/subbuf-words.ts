import type { SubbufRole } from "../reading/summary.js";
import type { Style } from "./style.js";

/** What a sub-buffer is to the ring: `head+commit`. */
export function rolesText(roles: readonly SubbufRole[], style: Style, between = "+"): string {
  return roles.map((role) => (role === "ring" ? style.faint(role) : style[role](role))).join(between);
}

/** What is on it; what a program that maps the buffer would take for something else stands out. */
export function stateText(state: string, style: Style): string {
  if (state === "unread") return style.good(state);
  return state === "consumed" || state === "dropped" ? style.warning(state) : style.faint(state);
}
