import { expect, test } from "@jest/globals";
import { distanceWithoutKaslr } from "../../../src/system/kernel-image/identity.js";

test.each([
  ["s390x", "6.12.107+deb13-s390x", 0x3ffe0000000n],
  ["s390x", "7.3-s390x", 0x3ffe0000000n],
  ["s390x", "6.1.0-50-s390x", 0n],
  ["x86_64", "7.3-amd64", 0n],
  [undefined, undefined, 0n],
])("%s, %s: without KASLR the kernel lies %s from where it is linked", (machine, release, distance) => {
  expect(distanceWithoutKaslr(machine, release)).toBe(distance);
});
