/** What an event calls a handler, among other things: the function of a timer or a work item, or its own name. */
export function handlerName(text: string): string {
  return functionIn(text) ?? /\[action=(\w+)\]/.exec(text)?.[1] ?? /\bname=(\S+)/.exec(text)?.[1] ?? text;
}

export function functionIn(text: string): string | undefined {
  return /\bfunction[ =](\S+)/.exec(text)?.[1];
}
