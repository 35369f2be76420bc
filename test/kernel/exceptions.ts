/** Where the simulation does not agree with the kernel, and why. docs/recovery.md names each. */
export const EXCEPTIONS: readonly { readonly what: string; readonly name: string; readonly why: string }[] = [];
