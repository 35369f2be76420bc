import { describe, expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { elfCoreMemory } from "../../src/input/memory/elf-core.js";
import { MemoryWindow } from "../../src/input/memory/window.js";
import { MemorySource } from "../../src/input/source.js";
import { usualKernel } from "../../src/kernel/usual-kernel.js";
import { elfCore } from "../support/build-memory.js";
import { fixture } from "../support/images.js";

test("where several series write a layout, it is said of which their doings are known", () => {
  const { kernel, why } = usualKernel(readImage(new MemorySource(fixture("v6.12-rewind").bytes())));
  expect(kernel.release).toBe("6.12");
  expect(why).toBe(
    "the image does not name its kernel; 6.12 to 6.14 write this layout, and what they do is known of 6.12",
  );
});

describe("a dump whose vmcoreinfo names a kernel", () => {
  const area = fixture("v7.3-read").bytes();
  const dumpOf = (release: string) => {
    const source = new MemorySource(
      elfCore([{ address: 0x1000, bytes: area }], { vmcoreinfo: `OSRELEASE=${release}\nPAGESIZE=4096\n` }),
      "vmcore",
    );
    return usualKernel(readImage(new MemoryWindow(elfCoreMemory(source), 0x1000, area.length)));
  };

  test("is taken to be that kernel's, with what its own point release does", () => {
    const { kernel, why } = dumpOf("6.18.15+deb13-cloud-amd64");
    expect(kernel.release).toBe("6.18.15+deb13-cloud-amd64");
    expect(kernel.version).toEqual([6, 18, 15]);
    expect(why).toBe("vmcoreinfo in the memory names it");
  });

  test("that does not write such areas has one of an earlier kernel: its bytes decide", () => {
    for (const release of ["6.12.107", "6.1.20-cloud", "custom"])
      expect(dumpOf(release).why).toContain("the newest is assumed");
  });
});
