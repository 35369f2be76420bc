import { FormatError } from "../system/formats/errors.js";
import type { Expr } from "./ast.js";
import { BUILTIN_CALLS } from "./builtins.js";
import type { Calls } from "./call.js";
import type { Emitter } from "./emitter.js";
import { MACRO_CALLS } from "./macros.js";
import { SUBSYSTEM_CALLS } from "./subsystems/index.js";
import type { Val } from "./value.js";

const CALLS: Calls = { ...MACRO_CALLS, ...BUILTIN_CALLS, ...SUBSYSTEM_CALLS };

/** Compiles a call of what the kernel's macros, the compiler or a subsystem give to print formats. */
export function emitCall(g: Emitter, name: string, args: readonly Expr[], at: number): Val {
  const emit = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
  if (emit === undefined) throw new FormatError(`unknown function ${name}()`, at);
  return emit(g, args, at);
}
