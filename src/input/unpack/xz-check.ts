import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { Crc64 } from "./crc64.js";
import { le32 } from "./le32.js";
import type { Output } from "./output.js";

/** Bytes of a block's check by its type (2.1.1.2 of the specification). */
const SIZES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

/** What is reckoned over bytes as they come. */
interface Sum {
  add(bytes: Uint8Array, from: number, to: number): void;
  /** Whether it is the one that the file has. */
  is(stated: Uint8Array): boolean;
}

/** The check of one block, over what comes to an output. Types that no program writes are passed over. */
export class BlockCheck {
  readonly size: number;
  private readonly name: string | undefined;
  private readonly sum: Sum | undefined;
  private from: number;

  constructor(
    type: number,
    private readonly output: Output,
  ) {
    this.size = SIZES[type]!;
    const known = SUMS.get(type);
    this.name = known?.name;
    this.sum = known?.begin();
    this.from = output.length;
  }

  /** Takes in what has come since the last time. */
  add(): void {
    const { bytes, length } = this.output;
    this.sum?.add(bytes, this.from, length);
    this.from = length;
  }

  /** The output forgot what was at its beginning. */
  moved(by: number): void {
    this.from -= by;
  }

  /** The name of the check that does not match, if so. */
  mismatch(stated: Uint8Array): string | undefined {
    return this.sum === undefined || this.sum.is(stated) ? undefined : this.name;
  }
}

const SUMS: ReadonlyMap<number, { readonly name: string; begin(): Sum }> = new Map([
  [1, { name: "crc32", begin: newCrc32 }],
  [4, { name: "crc64", begin: newCrc64 }],
  [10, { name: "sha256", begin: newSha256 }],
]);

function newCrc32(): Sum {
  let sum = 0;
  return {
    add: (bytes, from, to) => {
      sum = crc32(bytes.subarray(from, to), sum);
    },
    is: (stated) => le32(stated, 0) === sum,
  };
}

function newCrc64(): Sum {
  const sum = new Crc64();
  return {
    add: (bytes, from, to) => sum.add(bytes, from, to),
    is: (stated) => le32(stated, 0) === sum.low && le32(stated, 4) === sum.high,
  };
}

function newSha256(): Sum {
  const hash = createHash("sha256");
  return {
    add: (bytes, from, to) => void hash.update(bytes.subarray(from, to)),
    is: (stated) => hash.digest().equals(stated),
  };
}
