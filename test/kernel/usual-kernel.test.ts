import { expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { usualKernel } from "../../src/kernel/usual-kernel.js";
import { fixture } from "../support/images.js";

test("where several series write a layout, it is said of which their doings are known", () => {
  const { kernel, why } = usualKernel(readImage(new MemorySource(fixture("v6.12-rewind").bytes())));
  expect(kernel.release).toBe("6.12");
  expect(why).toBe(
    "the image does not name its kernel; 6.12 to 6.14 write this layout, and what they do is known of 6.12",
  );
});
