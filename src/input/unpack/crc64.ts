const LOW = new Uint32Array(256);
const HIGH = new Uint32Array(256);
for (let n = 0; n < 256; n++) {
  let low = n;
  let high = 0;
  for (let k = 0; k < 8; k++) {
    const odd = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (odd === 0) continue;
    low ^= 0xd7870f42;
    high ^= 0xc96c5795;
  }
  LOW[n] = low;
  HIGH[n] = high;
}

/** CRC-64 of ECMA-182, as xz has it: what comes is added to what came. In halves, as JavaScript reckons with these. */
export class Crc64 {
  private notLow = -1;
  private notHigh = -1;

  add(bytes: Uint8Array, from: number, to: number): void {
    let low = this.notLow;
    let high = this.notHigh;
    for (let i = from; i < to; i++) {
      const n = (low ^ bytes[i]!) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ LOW[n]!;
      high = (high >>> 8) ^ HIGH[n]!;
    }
    this.notLow = low;
    this.notHigh = high;
  }

  get low(): number {
    return ~this.notLow >>> 0;
  }

  get high(): number {
    return ~this.notHigh >>> 0;
  }
}
