import { DecodeError } from "../ground/errors.js";
import { Btf, type BtfKind, type BtfType } from "./btf.js";

/** A file of type information: whose, and its bytes. */
export interface BtfFile {
  /** "vmlinux", or the module's name. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A type and the file that it is numbered in. */
export interface FoundType {
  readonly btf: Btf;
  readonly type: BtfType;
}

/** What a kernel and its modules say of their types. Each file is read when something is first looked for in it. */
export class KernelTypes {
  private readonly files: readonly BtfFile[];
  private read: { readonly kernel: Btf | undefined; readonly modules: readonly Btf[] } | undefined;
  /** Files that are no BTF. */
  readonly problems: { readonly file: string; readonly message: string }[] = [];

  constructor(files: readonly BtfFile[]) {
    this.files = files;
  }

  private get all(): { readonly kernel: Btf | undefined; readonly modules: readonly Btf[] } {
    if (this.read !== undefined) return this.read;
    const own = this.files.find(({ name }) => name === "vmlinux");
    const kernel = own && this.open(own, undefined);
    const modules =
      kernel === undefined ? [] : this.files.filter((file) => file !== own).map((file) => this.open(file, kernel));
    this.read = { kernel, modules: modules.filter((btf) => btf !== undefined) };
    return this.read;
  }

  private open({ name, bytes }: BtfFile, base: Btf | undefined): Btf | undefined {
    try {
      return new Btf(bytes, base);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.problems.push({ file: name, message: `no BTF: ${error.message}` });
      return undefined;
    }
  }

  /** The kernel's own. */
  get kernel(): Btf | undefined {
    return this.all.kernel;
  }

  /** A type by name: the kernel's, else the first module's that has it (bpf_find_btf_id()). */
  find(name: string, kind: BtfKind): FoundType | undefined {
    const { kernel, modules } = this.all;
    for (const btf of kernel === undefined ? [] : [kernel, ...modules]) {
      const type = btf.findOwn(name, kind);
      if (type !== undefined) return { btf, type };
    }
    return undefined;
  }

  /**
   * The values that enums give to a name: several where drivers share it.
   * @param event whose name it is to be; those of the module that defines this event (btf_trace_EVENT) come alone
   */
  enumeratorValues(name: string, event?: string): bigint[] {
    const { kernel, modules } = this.all;
    if (kernel === undefined) return [];
    const home = event === undefined ? undefined : modules.find((btf) => btf.findOwn(`btf_trace_${event}`, "typedef"));
    const near = home?.enumeratorValues(name);
    if (near !== undefined && near.size > 0) return [...near];
    const values = new Set<bigint>();
    for (const btf of [kernel, ...modules]) for (const value of btf.enumeratorValues(name)) values.add(value);
    return [...values];
  }
}
