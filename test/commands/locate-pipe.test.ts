import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { fixture } from "../support/images.js";

test("locate reads a pipe without a name, as other commands do", () => {
  const { status, stdout } = spawnSync("node", ["bin/rbtool.js", "locate"], {
    cwd: join(import.meta.dirname, "../.."),
    input: fixture("v7.3-few").bytes(),
    encoding: "utf8",
  });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^<stdin>: raw memory: 1 persistent buffer in 524288 bytes/);
});
